import { Select, TreeSelect } from "antd";
import { regionTree, useRegions } from "../cockpit/use-regions";
import { useDealerClasses, type DealerClass } from "../dealers/use-dealer-classes";
import { useI18n } from "../i18n/i18n";
import { nodesBelow } from "../regions/nodes";
import { Field } from "../ui/field-problems";
import { PickDealers } from "../ui/pick-dealers";
import type { AudienceForm, PartProps } from "./form";

/** Whom it is for. */
export function AudienceFields(props: PartProps<AudienceForm>) {
  const { form, set, problem, at } = props;
  const { t } = useI18n();
  return (
    <div className="form-fields">
      <Regions {...props} />
      <Classes {...props} />
      <Field label={t("audience.dealers.field")} problem={problem(`${at}.dealer_ids`)}>
        <PickDealers
          label={t("audience.dealers.field")}
          placeholder={t("audience.all")}
          value={form.dealerIds}
          onChange={(dealerIds) => set({ dealerIds })}
        />
      </Field>
      <Field label={t("audience.denied.field")} problem={problem(`${at}.denied_dealer_ids`)} hint={t("audience.denied.hint")}>
        <PickDealers
          label={t("audience.denied.field")}
          placeholder={t("audience.denied.none")}
          value={form.deniedDealerIds}
          onChange={(deniedDealerIds) => set({ deniedDealerIds })}
        />
      </Field>
    </div>
  );
}

function Regions({ form, set, problem, at }: PartProps<AudienceForm>) {
  const { t } = useI18n();
  const { data, loading } = useRegions();
  const regions = data ?? regionTree([]);
  return (
    <Field label={t("audience.regions.field")} problem={problem(`${at}.region_ids`)} hint={t("audience.hint")}>
      <TreeSelect<string[]>
        multiple
        allowClear
        showSearch={{ treeNodeFilterProp: "title" }}
        loading={loading}
        aria-label={t("audience.regions.field")}
        placeholder={t("audience.regions.all")}
        treeData={regions.root ? nodesBelow(regions, regions.root.regionId, form.regionIds) : []}
        value={form.regionIds}
        onChange={(regionIds) => set({ regionIds: regionIds ?? [] })}
      />
    </Field>
  );
}

/** Levels and channels of dealers; a brand that has none is not asked for them. */
function Classes({ form, set, problem, at }: PartProps<AudienceForm>) {
  const { t } = useI18n();
  const { levels, channels } = useDealerClasses();
  return (
    <>
      {(levels.length > 0 || form.levelIds.length > 0) && (
        <Field label={t("classes.levels")} problem={problem(`${at}.level_ids`)}>
          <PickClasses
            label={t("classes.levels")}
            placeholder={t("audience.levels.all")}
            offered={levels}
            value={form.levelIds}
            onChange={(levelIds) => set({ levelIds })}
          />
        </Field>
      )}
      {(channels.length > 0 || form.channelIds.length > 0) && (
        <Field label={t("classes.channels")} problem={problem(`${at}.channel_ids`)}>
          <PickClasses
            label={t("classes.channels")}
            placeholder={t("audience.channels.all")}
            offered={channels}
            value={form.channelIds}
            onChange={(channelIds) => set({ channelIds })}
          />
        </Field>
      )}
    </>
  );
}

interface ClassesProps {
  label: string;
  placeholder: string;
  offered: DealerClass[];
  value: string[];
  onChange: (ids: string[]) => void;
}

function PickClasses({ label, placeholder, offered, value, onChange }: ClassesProps) {
  return (
    <Select
      mode="multiple"
      allowClear
      className="pick-product"
      aria-label={label}
      placeholder={placeholder}
      showSearch={{ optionFilterProp: "label" }}
      value={value}
      options={offered.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(ids: string[]) => onChange(ids)}
    />
  );
}

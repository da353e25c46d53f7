import { TreeSelect } from "antd";
import { regionTree, useRegions } from "../cockpit/use-regions";
import { useI18n } from "../i18n/i18n";
import { nodesBelow } from "../settings/place-fields";
import { Field } from "../ui/field-problems";
import type { FieldsProps } from "./offer-fields";
import { PickDealers } from "./pick-dealers";

/** Who gets it. */
export function AudienceFields({ form, set, problem }: FieldsProps) {
  const { t } = useI18n();
  const { data, loading } = useRegions();
  const regions = data ?? regionTree([]);
  const others = [...form.levelIds, ...form.channelIds];
  return (
    <div className="promo-fields">
      <Field label={t("promo.audience.regions.field")} problem={problem("terms.audience.region_ids")} hint={t("promo.audience.hint")}>
        <TreeSelect<string[]>
          multiple
          allowClear
          showSearch={{ treeNodeFilterProp: "title" }}
          loading={loading}
          aria-label={t("promo.audience.regions.field")}
          placeholder={t("promo.audience.regions.all")}
          treeData={regions.root ? nodesBelow(regions, regions.root.regionId, form.regionIds) : []}
          value={form.regionIds}
          onChange={(regionIds) => set({ regionIds: regionIds ?? [] })}
        />
      </Field>
      <Field label={t("promo.audience.dealers.field")} problem={problem("terms.audience.dealer_ids")}>
        <PickDealers
          label={t("promo.audience.dealers.field")}
          placeholder={t("promo.audience.all")}
          value={form.dealerIds}
          onChange={(dealerIds) => set({ dealerIds })}
        />
      </Field>
      <Field label={t("promo.audience.denied.field")} problem={problem("terms.audience.denied_dealer_ids")} hint={t("promo.audience.denied.hint")}>
        <PickDealers
          label={t("promo.audience.denied.field")}
          placeholder={t("promo.audience.denied.none")}
          value={form.deniedDealerIds}
          onChange={(deniedDealerIds) => set({ deniedDealerIds })}
        />
      </Field>
      {others.length > 0 && <p className="note">{t("promo.audience.kept", { list: others.join(t("promotion.and")) })}</p>}
    </div>
  );
}

import { DatePicker, Select } from "antd";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import { useRegions } from "../cockpit/use-regions";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { PickDealer } from "../ui/pick-dealer";
import { SearchBox } from "../ui/search-box";
import { useUrlParams } from "../ui/url-state";
import { WaitingChips } from "../waiting/waiting-chips";
import { STATUS_NAMES, type StatusName } from "./status";

export function chosenStatuses(params: URLSearchParams): StatusName[] {
  const names = (params.get("status") ?? "").split(",");
  return STATUS_NAMES.filter((name) => names.includes(name));
}

const FIRST_PAGE = { page: "", token: "" };

/** What else is about the list stands at their end. */
export function OrderFilters({ children }: { children?: ReactNode }) {
  const { t } = useI18n();
  const user = useUser();
  const [params, change] = useUrlParams();
  const product = params.get("product");
  return (
    <div className="filters">
      <SearchBox label={t("orders.search")} />
      <DateFilter />
      {!isDealer(user) && (
        <>
          <RegionFilter />
          <PickDealer
            clearable
            value={params.get("dealer") ?? ""}
            onChange={(dealer) => change({ dealer, ...FIRST_PAGE })}
          />
        </>
      )}
      <StatusChips />
      <WaitingChips />
      {product && (
        <button type="button" className="chip chip-on" onClick={() => change({ product: "", ...FIRST_PAGE })}>
          {t("dimension.product")}: {product} <span aria-hidden="true">×</span>
          <span className="hidden">{t("filter.remove")}</span>
        </button>
      )}
      {children}
    </div>
  );
}

function StatusChips() {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  const chosen = chosenStatuses(params);
  const toggle = (name: StatusName) => {
    const next = chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name];
    change({ status: next.join(","), ...FIRST_PAGE });
  };
  return (
    <div className="chips" role="group" aria-label={t("order.status")}>
      <button
        type="button"
        className={`chip ${chosen.length === 0 ? "chip-on" : ""}`}
        aria-pressed={chosen.length === 0}
        onClick={() => change({ status: "", ...FIRST_PAGE })}
      >
        {t("filter.all")}
      </button>
      {STATUS_NAMES.map((name) => (
        <button
          key={name}
          type="button"
          className={`chip ${chosen.includes(name) ? "chip-on" : ""}`}
          aria-pressed={chosen.includes(name)}
          onClick={() => toggle(name)}
        >
          {t(`status.${name}`)}
        </button>
      ))}
    </div>
  );
}

function DateFilter() {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  const from = params.get("from");
  const to = params.get("to");
  return (
    <DatePicker.RangePicker
      aria-label={t("order.date")}
      allowEmpty={[true, true]}
      inputReadOnly
      value={[from ? dayjs(from) : null, to ? dayjs(to) : null]}
      onChange={(range) =>
        change({
          from: range?.[0]?.format("YYYY-MM-DD") ?? "",
          to: range?.[1]?.format("YYYY-MM-DD") ?? "",
          ...FIRST_PAGE,
        })
      }
    />
  );
}

function RegionFilter() {
  const { t } = useI18n();
  const regions = useRegions();
  const [params, change] = useUrlParams();
  const options = (regions.data?.all ?? [])
    .filter((region) => region !== regions.data?.root)
    .map((region) => ({
      value: region.regionId,
      label: regions.data?.pathTo(region.regionId).map((step) => step.name).join(" › "),
    }));
  return (
    <Select
      className="pick-region"
      aria-label={t("order.region")}
      placeholder={t("order.region")}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      value={params.get("region") || undefined}
      options={options}
      popupMatchSelectWidth={false}
      onChange={(region: string | undefined) => change({ region: region ?? "", ...FIRST_PAGE })}
    />
  );
}

import { Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { PartnerQueryService } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";

interface Props {
  value: string;
  /** Name of the chosen dealer when it is not among those found. */
  name?: string;
  onChange: (id: string, name: string) => void;
  clearable?: boolean;
  large?: boolean;
}

/** Finds a dealer by part of its name, id or city. */
export function PickDealer({ value, name, onChange, clearable = false, large = false }: Props) {
  const { t } = useI18n();
  const partners = useClient(PartnerQueryService);
  const [search, setSearch] = useState("");
  const query = useQuery(
    `pick-dealer/${search}`,
    (signal) => partners.listDealers({ search, page: { size: 50 } }, { signal }),
    { keep: true },
  );
  const options = (query.data?.dealers ?? []).map((dealer) => ({
    value: dealer.dealerId,
    label: dealer.name,
    note: [dealer.city, dealer.regionName].filter(Boolean).join(" · "),
  }));
  if (value && !search && !options.some((option) => option.value === value)) {
    options.unshift({ value, label: name || value, note: "" });
  }
  return (
    <Select
      className="pick-dealer"
      aria-label={t("order.dealer")}
      placeholder={t("order.chooseDealer")}
      size={large ? "large" : "middle"}
      showSearch={{ filterOption: false, onSearch: setSearch }}
      allowClear={clearable}
      loading={query.loading}
      notFoundContent={query.loading ? t("state.loading") : t("dealers.none")}
      value={value || undefined}
      options={options}
      optionRender={(option) => (
        <span className="option">
          <span>{option.data.label}</span>
          <span className="soft">{option.data.note}</span>
        </span>
      )}
      onChange={(id: string | undefined) =>
        onChange(id ?? "", options.find((option) => option.value === id)?.label ?? "")
      }
    />
  );
}

import { Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { PartnerQueryService } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useDealerNames } from "../settings/use-dealer-names";
import { useSlow } from "./use-slow";

interface Props {
  label: string;
  value: string[];
  placeholder: string;
  onChange: (ids: string[]) => void;
}

const WAIT_MS = 250;
const MOST = 1000;

/** Finds dealers by part of their name, id or city. */
export function PickDealers({ label, value, placeholder, onChange }: Props) {
  const { t } = useI18n();
  const partners = useClient(PartnerQueryService);
  const [search, setSearch] = useState("");
  const still = useSlow(search.trim(), WAIT_MS);
  const names = useDealerNames(value);
  const query = useQuery(
    `pick-dealers/${still}`,
    (signal) => partners.listDealers({ search: still, page: { size: 50 } }, { signal }),
    { keep: true },
  );
  const found = (query.data?.dealers ?? []).map(({ dealerId, name, city, regionName }) => ({
    value: dealerId,
    label: name,
    note: [city, regionName].filter(Boolean).join(" · "),
  }));
  const known = new Set(found.map((option) => option.value));
  const chosen = value.filter((id) => !known.has(id)).map((id) => ({ value: id, label: names.get(id) ?? id, note: "" }));
  return (
    <Select
      mode="multiple"
      allowClear
      className="pick-product"
      aria-label={label}
      placeholder={placeholder}
      maxCount={MOST}
      showSearch={{ filterOption: false, onSearch: setSearch }}
      loading={query.loading}
      notFoundContent={query.loading ? t("state.loading") : t("dealers.none")}
      value={value}
      options={[...chosen, ...found]}
      optionRender={(option) => (
        <span className="option">
          <span>{option.data.label}</span>
          <span className="soft">{option.data.note}</span>
        </span>
      )}
      onChange={(ids: string[]) => onChange(ids)}
    />
  );
}

import { Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useProductNames } from "../products/use-product-names";
import { useSlow } from "./use-slow";

interface Option {
  value: string;
  label: string;
  note: string;
}

const WAIT_MS = 250;

/** Products found by a search, and those that are chosen already. */
function useFound(search: string, chosen: string[]): { options: Option[]; loading: boolean } {
  const orders = useClient(OrderQueryService);
  const still = useSlow(search.trim(), WAIT_MS);
  const name = useProductNames(chosen);
  const query = useQuery(
    `pick-product/${still}`,
    (signal) => orders.listProducts({ search: still, page: { size: 50 } }, { signal }),
    { keep: true },
  );
  const found = (query.data?.products ?? []).map(({ productId, name, categoryPath }) => ({
    value: productId,
    label: name,
    note: categoryPath.join(" › "),
  }));
  const known = new Set(found.map(({ value }) => value));
  const missing = chosen.filter((id) => id && !known.has(id)).map((id) => ({ value: id, label: name(id), note: "" }));
  return { options: [...missing, ...found], loading: query.loading };
}

function useCommon(search: string, chosen: string[], onSearch: (text: string) => void) {
  const { t } = useI18n();
  const { options, loading } = useFound(search, chosen);
  return {
    className: "pick-product",
    placeholder: t("products.search"),
    showSearch: { filterOption: false, onSearch },
    loading,
    notFoundContent: loading ? t("state.loading") : t("products.none"),
    options,
    optionRender: (option: { data: Option }) => (
      <span className="option">
        <span>{option.data.label}</span>
        <span className="soft">{option.data.note}</span>
      </span>
    ),
  };
}

interface OneProps {
  label: string;
  value: string;
  onChange: (id: string) => void;
}

export function PickProduct({ label, value, onChange }: OneProps) {
  const [search, setSearch] = useState("");
  const common = useCommon(search, [value], setSearch);
  return <Select {...common} aria-label={label} value={value || undefined} onChange={(id: string | undefined) => onChange(id ?? "")} />;
}

interface ManyProps {
  label: string;
  value: string[];
  onChange: (ids: string[]) => void;
  placeholder?: string;
  most?: number;
}

export function PickProducts({ label, value, onChange, placeholder, most = 1000 }: ManyProps) {
  const [search, setSearch] = useState("");
  const common = useCommon(search, value, setSearch);
  return (
    <Select
      {...common}
      mode="multiple"
      allowClear
      aria-label={label}
      {...(placeholder && { placeholder })}
      maxCount={most}
      value={value}
      onChange={(ids: string[]) => onChange(ids)}
    />
  );
}

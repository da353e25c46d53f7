import { Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field } from "../ui/field-problems";
import { PickProducts } from "../ui/pick-product";
import { useSlow } from "../ui/use-slow";
import type { PartProps, ScopeForm } from "./form";
import { categoryName } from "./words";

/** Which goods count. */
export function ScopeFields({ form, set, problem, at }: PartProps<ScopeForm>) {
  const { t } = useI18n();
  return (
    <div className="form-fields">
      <Field label={t("scope.categories.field")} problem={problem(`${at}.categories`)} hint={t("scope.categories.hint")}>
        <PickCategories value={form.categories} onChange={(categories) => set({ categories })} />
      </Field>
      <Field label={t("scope.products.field")} problem={problem(`${at}.product_ids`)} hint={t("scope.products.hint")}>
        <PickProducts
          label={t("scope.products.field")}
          placeholder={t("scope.all")}
          value={form.productIds}
          onChange={(productIds) => set({ productIds })}
        />
      </Field>
      <Field label={t("scope.except.field")} problem={problem(`${at}.except_product_ids`)}>
        <PickProducts
          label={t("scope.except.field")}
          value={form.exceptProductIds}
          onChange={(exceptProductIds) => set({ exceptProductIds })}
        />
      </Field>
    </div>
  );
}

const MOST = 100;
const WAIT_MS = 250;

/** A category and all above it, from general to special. */
function withAbove(path: string[]): string[][] {
  return path.map((_, i) => path.slice(0, i + 1));
}

/** Categories of products that a search finds, or one that is typed as `A > B`. */
function PickCategories({ value, onChange }: { value: string[][]; onChange: (paths: string[][]) => void }) {
  const { t } = useI18n();
  const orders = useClient(OrderQueryService);
  const [search, setSearch] = useState("");
  const still = useSlow(search.trim(), WAIT_MS);
  const query = useQuery(
    `pick-category/${still}`,
    (signal) => orders.listProducts({ search: still, page: { size: 200 } }, { signal }),
    { keep: true },
  );
  const found = (query.data?.products ?? []).flatMap(({ categoryPath }) => withAbove(categoryPath));
  const byName = new Map([...value, ...found].map((path) => [categoryName(path), path]));
  const pathOf = (name: string) => byName.get(name) ?? name.split(/\s*[›>/]\s*/).filter(Boolean);
  return (
    <Select
      mode="tags"
      allowClear
      className="pick-product"
      aria-label={t("scope.categories.field")}
      placeholder={t("scope.all")}
      maxCount={MOST}
      loading={query.loading}
      showSearch={{ onSearch: setSearch }}
      value={value.map(categoryName)}
      options={[...byName.keys()].sort((a, b) => a.localeCompare(b)).map((name) => ({ value: name, label: name }))}
      onChange={(names: string[]) => onChange(names.map(pathOf).filter((path) => path.length > 0))}
    />
  );
}

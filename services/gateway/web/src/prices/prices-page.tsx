import { Segmented } from "antd";
import { useState } from "react";
import { CatalogueQueryService } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { CreateButton } from "./create-dialog";
import { Explain } from "./explain";
import { PriceLists } from "./price-lists";

type Tab = "lists" | "explain";

/** Price lists, and why a dealer pays what it pays. */
export default function PricesPage() {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const [seen, setSeen] = useState(0n);
  if (!may(CatalogueQueryService.method.listPriceLists)) {
    return (
      <Page title={t("nav.prices")}>
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      </Page>
    );
  }
  const tabs: Tab[] = may(PriceListService.method.explainPrice) ? ["lists", "explain"] : ["lists"];
  const tab = tabs.find((one) => one === params.get("tab")) ?? "lists";
  const create = may(PriceListService.method.createPriceList) && <CreateButton onDone={setSeen} />;
  return (
    <Page title={t("nav.prices")} extra={tab === "lists" && create}>
      {tabs.length > 1 && (
        <Segmented
          aria-label={t("prices.views")}
          value={tab}
          options={tabs.map((value) => ({ value, label: t(`prices.tab.${value}`) }))}
          onChange={(next) => change({ tab: next === "lists" ? "" : String(next), page: "", token: "" }, { replace: true })}
        />
      )}
      {tab === "lists" ? <PriceLists seen={seen} create={create} /> : <Explain />}
    </Page>
  );
}

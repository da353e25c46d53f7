import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { AssortmentService } from "../gen/qudao/order/v1/assortment_service_pb";
import { CatalogueQueryService, type AssortmentRule } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { RemoveRuleDialog } from "./remove-rule-dialog";
import { RuleTable } from "./rule-table";

export default function RulesPage() {
  const { t } = useI18n();
  const may = useMay();
  if (!may(CatalogueQueryService.method.listAssortmentRules)) {
    return (
      <Page title={t("nav.range")}>
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      </Page>
    );
  }
  return <Rules />;
}

/** Which dealers see and order which products. */
function Rules() {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const catalogue = useClient(CatalogueQueryService);
  const [params] = useSearchParams();
  const state = useLocation().state as { position?: string } | null;
  const [seen, setSeen] = useState(BigInt(state?.position ?? "0"));
  const [removed, setRemoved] = useState<AssortmentRule>();
  const query = useQuery(
    `rules?${params}`,
    (signal) =>
      catalogue.listAssortmentRules(
        { page: { size: PAGE_SIZE, token: params.get("token") ?? "" }, search: params.get("q") ?? "", minPosition: seen },
        { signal },
      ),
    { tick: `${useTick("products")}/${seen}`, keep: true },
  );
  const { setAssortmentRule, removeAssortmentRule } = AssortmentService.method;
  const open = ({ ruleId }: AssortmentRule) => void navigate(`/range/${encodeURIComponent(ruleId)}`);
  const add = may(setAssortmentRule) && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate("/range/new")}>
      {t("range.new")}
    </Button>
  );
  const clear = <Button onClick={() => void navigate("/range")}>{t("filter.clear")}</Button>;
  const done = (position: bigint) => {
    setRemoved(undefined);
    setSeen(position);
  };
  return (
    <Page title={t("nav.range")} extra={add}>
      <p className="soft">{t("range.what")}</p>
      <div className="filters">
        <SearchBox label={t("range.search")} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.rules.length === 0}
          empty={
            params.get("q") ? (
              <Empty title={t("range.noneFound")} todo={t("range.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("range.none")} todo={t("range.none.todo")} action={add} />
            )
          }
        >
          {(data) => (
            <>
              <RuleTable
                rules={data.rules}
                onOpen={may(setAssortmentRule) ? open : undefined}
                onRemove={may(removeAssortmentRule) ? setRemoved : undefined}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="products" />
                <Pager page={data.page} rows={data.rules.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {removed && <RemoveRuleDialog rule={removed} onClose={() => setRemoved(undefined)} onDone={done} />}
    </Page>
  );
}

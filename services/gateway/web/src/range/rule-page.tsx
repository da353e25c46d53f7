import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { AssortmentService } from "../gen/qudao/order/v1/assortment_service_pb";
import { CatalogueQueryService } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { Page, Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { useToday } from "../ui/use-today";
import { RuleEditor } from "./rule-editor";
import { newRule, ruleForm } from "./rule-form";

export default function RulePage() {
  const { id } = useParams();
  const may = useMay();
  const { t } = useI18n();
  if (!may(AssortmentService.method.setAssortmentRule)) {
    return (
      <Page title={t("nav.range")}>
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      </Page>
    );
  }
  return id === undefined ? <New /> : <Existing key={id} id={id} />;
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useI18n();
  return (
    <Page title={title}>
      <p className="back">
        <Link to="/range">‹ {t("nav.range")}</Link>
      </p>
      {children}
    </Page>
  );
}

function New() {
  const { t } = useI18n();
  const today = useToday();
  return (
    <Frame title={t("range.new")}>
      <RuleEditor start={newRule(today)} fixedId={false} />
    </Frame>
  );
}

const MOST = 200;

function Existing({ id }: { id: string }) {
  const { t } = useI18n();
  const catalogue = useClient(CatalogueQueryService);
  const query = useQuery(`rule/${id}`, async (signal) => {
    const { rules } = await catalogue.listAssortmentRules({ search: id, page: { size: MOST } }, { signal });
    return rules.find(({ ruleId }) => ruleId === id)?.terms ?? null;
  });
  return (
    <Frame title={t("range.edit", { name: query.data?.name ?? id })}>
      <QueryView
        query={query}
        isEmpty={(terms) => terms === null}
        empty={
          <Panel>
            <Empty title={t("error.notFound")} todo={t("error.notFound.todo")} />
          </Panel>
        }
      >
        {(terms) => terms && <RuleEditor start={ruleForm(id, terms)} fixedId />}
      </QueryView>
    </Frame>
  );
}

import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { RebatePlanStatus, RebateQueryService } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateService } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCurrency } from "../products/use-currency";
import { useMay } from "../session/session";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { useToday } from "../ui/use-today";
import { RebateEditor } from "./editor";
import { formOf, newForm } from "./form";

/** Writes a rebate plan down, or another version of it. */
export default function RebateEditorPage() {
  const { id } = useParams();
  const may = useMay();
  const { t } = useI18n();
  const { draftRebatePlan, reviseRebatePlan } = RebateService.method;
  if (!may(id === undefined ? draftRebatePlan : reviseRebatePlan)) {
    return (
      <Page title={t("nav.rebates")}>
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      </Page>
    );
  }
  return id === undefined ? <New /> : <Existing key={id} id={id} />;
}

function Frame({ title, back, name, children }: { title: string; back: string; name: string; children: ReactNode }) {
  return (
    <Page title={title}>
      <p className="back">
        <Link to={back}>‹ {name}</Link>
      </p>
      {children}
    </Page>
  );
}

function New() {
  const { t } = useI18n();
  const { loading, currency } = useCurrency();
  const today = useToday();
  return (
    <Frame title={t("rebate.new")} back="/rebates" name={t("nav.rebates")}>
      {loading ? (
        <Panel>
          <Loading rows={8} />
        </Panel>
      ) : (
        <RebateEditor start={newForm(today, currency)} whose={{ planId: "", version: 0n }} />
      )}
    </Frame>
  );
}

function Existing({ id }: { id: string }) {
  const { t } = useI18n();
  const rebates = useClient(RebateQueryService);
  const query = useQuery(`rebate-draft/${id}`, (signal) => rebates.getRebatePlan({ planId: id }, { signal }));
  const name = query.data?.plan?.name ?? id;
  return (
    <Frame title={t("rebate.edit", { name })} back={`/rebates/${encodeURIComponent(id)}`} name={name}>
      <QueryView query={query}>
        {({ plan, versions }) => {
          const terms = versions[0]?.terms;
          return plan && terms && plan.status !== RebatePlanStatus.ENDED ? (
            <RebateEditor start={formOf(id, terms)} whose={{ planId: id, version: plan.version }} />
          ) : (
            <Panel>
              <Empty title={t("rebate.status.ended")} todo={t("rebate.none.todo")} />
            </Panel>
          );
        }}
      </QueryView>
    </Frame>
  );
}

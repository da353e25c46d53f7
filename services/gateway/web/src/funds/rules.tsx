import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FundsQueryService, type GetOrderRulesResponse } from "../gen/qudao/order/v1/funds_query_service_pb";
import { BackOrderRule, OrderRulesService } from "../gen/qudao/order/v1/order_rules_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { FactList } from "../ui/fact-list";
import { RestOfFailure } from "../ui/field-problems";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Loading, QueryView } from "../ui/states";
import type { ReviewForm } from "./review-form";
import { reviewerName } from "./review-rules";
import { RulesFields } from "./rules-fields";
import { HOURS, rulesForm, rulesOf, sameRules } from "./rules-form";
import { useToldCommand } from "./use-told-command";
import { FUNDS } from "./words";

const BACK_ORDERS: Record<BackOrderRule, Key> = {
  [BackOrderRule.UNSPECIFIED]: "rules.backOrders.off",
  [BackOrderRule.ASK]: "rules.backOrders.ask",
  [BackOrderRule.ALWAYS]: "rules.backOrders.always",
};

/** How orders of the brand are paid, reviewed and checked. */
export function Rules() {
  const { t } = useI18n();
  const may = useMay();
  const funds = useClient(FundsQueryService);
  const [seen, setSeen] = useState(0n);
  const query = useQuery("order-rules", (signal) => funds.getOrderRules({ minPosition: seen }, { signal }), {
    tick: `${useTick(FUNDS)}/${seen}`,
  });
  const sets = may(OrderRulesService.method.setOrderRules);
  return (
    <Panel title={t("funds.tab.rules")} className="order-rules">
      <p className="soft">{t("rules.what")}</p>
      <QueryView query={query} skeleton={<Loading rows={5} />}>
        {(data) => (
          <>
            {sets ? (
              // Rules that somebody else has set meanwhile take the place of what is written here.
              <Form key={String(data.version)} data={data} onDone={setSeen} onStale={query.refetch} />
            ) : (
              <Told data={data} />
            )}
            <FreshnessMark freshness={data.freshness} projection={FUNDS} />
          </>
        )}
      </QueryView>
    </Panel>
  );
}

interface FormProps {
  data: GetOrderRulesResponse;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

function Form({ data, onDone, onStale }: FormProps) {
  const { t } = useI18n();
  const ruling = useClient(OrderRulesService);
  const before = rulesForm(data.rules);
  const [form, setForm] = useState(before);
  const command = useToldCommand("rules.done", onDone, onStale);
  const same = sameRules(form, before);
  const rules = rulesOf(form);
  const send = (requestId: string) => ruling.setOrderRules({ requestId, rules, expectedVersion: data.version });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!same) void command.run([rules, String(data.version)], send);
      }}
    >
      <RulesFields form={form} onChange={(change) => setForm((now) => ({ ...now, ...change }))} />
      <RestOfFailure error={command.error} fields={[]} />
      <div className="row-actions rules-foot">
        <Button type="primary" htmlType="submit" className="rules-save" disabled={same} loading={command.busy}>
          {t("classes.define.save")}
        </Button>
        <span className="soft">{t("rules.save.hint")}</span>
      </div>
    </form>
  );
}

function Told({ data }: { data: GetOrderRulesResponse }) {
  const { t } = useI18n();
  const { settledHere, reviewed, rebateShare, watchesOverdue, graceDays, stockChecked, handsOver, salesReview, financeReview, ...form } = rulesForm(data.rules);
  const told = (rule: ReviewForm | undefined) => (rule && reviewed ? reviewerName(rule.reviewer, t) : t("rules.review.off"));
  const facts: [string, ReactNode][] = [
    [t("rules.settled"), t(settledHere ? "rules.yes" : "rules.no")],
    [t("rules.reviewed"), t(reviewed ? "rules.yes" : "rules.no")],
    [t("rules.review.sales"), told(salesReview)],
    [t("rules.review.finance"), told(financeReview)],
    [t("rules.rebate"), `${rebateShare}%`],
    [t("rules.overdue"), watchesOverdue ? t("rules.grace.n", { n: graceDays }) : t("rules.no")],
    [t("rules.stock"), t(stockChecked ? "rules.yes" : "rules.no")],
    [t("rules.handsOver"), t(handsOver ? "rules.yes" : "rules.no")],
    [t("rules.backOrders"), t(BACK_ORDERS[form.backOrders ?? BackOrderRule.UNSPECIFIED])],
    ...HOURS.map((name): [string, ReactNode] => [t(`rules.${name}`), form[name] ? `${form[name]} ${t("rules.hours.unit")}` : t("rules.hours.none")]),
  ];
  return <FactList facts={facts} />;
}

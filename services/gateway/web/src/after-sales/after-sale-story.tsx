import type { ReactNode } from "react";
import { nameOf } from "../funds/words";
import { AfterSaleStatus, type AfterSale } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { usePersonNames } from "../promotions/use-person-names";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { SETTLEMENTS } from "./words";

interface Step {
  key: string;
  what: string;
  when: string;
  more: ReactNode;
  /** Nothing has happened yet, and this is what it waits for. */
  next?: boolean;
}

const { REQUESTED, AWAITING_RETURN, IN_TRANSIT, PARTLY_RETURNED, TO_SETTLE, REFUSED, WITHDRAWN } = AfterSaleStatus;

/** What it waits for, and whom. */
const WAITS = new Map<AfterSaleStatus, Key>([
  [REQUESTED, "case.waits.review"],
  [AWAITING_RETURN, "case.waits.return"],
  [IN_TRANSIT, "case.waits.warehouse"],
  [PARTLY_RETURNED, "case.waits.warehouse"],
  [TO_SETTLE, "case.waits.settle"],
]);

function useSteps(one: AfterSale): Step[] {
  const { t } = useI18n();
  const format = useFormat();
  const person = usePersonNames([one.requestedBy]);
  const back = one.lines.reduce((sum, { sellable, scrap, rejected }) => sum + sellable + scrap + rejected, 0);
  const ended = nameOf(SETTLEMENTS, one.settlement);
  const withdrawn = one.status === WITHDRAWN;
  const refused = one.status === REFUSED;
  const approved = one.decidedAt !== "" && !refused;
  const waits = WAITS.get(one.status);
  const steps: (Step | false | undefined)[] = [
    { key: "asked", what: t(one.atReceipt ? "case.step.atReceipt" : "case.step.asked"), when: one.requestedAt, more: person(one.requestedBy) },
    approved && {
      key: "approved",
      what: t("case.step.approved"),
      when: one.decidedAt,
      more: t(one.goodsReturn ? "case.goodsReturn.yes" : "case.goodsReturn.no"),
    },
    one.carrier !== "" && { key: "sent", what: t("case.step.sent"), when: "", more: [one.carrier, one.trackingNumber].filter(Boolean).join(" · ") },
    back > 0 && { key: "back", what: t("case.step.back"), when: "", more: t("order.pieces", { n: format.count(back) }) },
    refused && { key: "refused", what: t("case.status.refused"), when: one.decidedAt, more: one.remark },
    withdrawn && { key: "withdrawn", what: t("case.status.withdrawn"), when: "", more: one.remark },
    ended && { key: "settled", what: t("case.status.settled"), when: one.settledAt, more: t(`case.settlement.${ended}`) },
    one.ratedGoods > 0 && { key: "rated", what: t("case.step.rated"), when: "", more: one.ratedComment },
    waits && { key: "next", what: t(waits), when: "", more: "", next: true },
  ];
  return steps.filter((step): step is Step => typeof step === "object");
}

/** How far a case has got, and what it waits for. */
export function AfterSaleStory({ one }: { one: AfterSale }) {
  const { t } = useI18n();
  const format = useFormat();
  const steps = useSteps(one);
  return (
    <Panel title={t("case.story")}>
      <ol className="case-story">
        {steps.map(({ key, what, when, more, next }) => (
          <li key={key} className={next ? "case-next" : undefined} data-step={key}>
            <strong>{what}</strong>
            {when && <span className="soft">{format.time(when)}</span>}
            {more && <span className="soft wrap">{more}</span>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

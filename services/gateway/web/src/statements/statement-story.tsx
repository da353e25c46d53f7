import { nameOf } from "../funds/words";
import type { Statement, StatementStep } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { usePersonNames } from "../promotions/use-person-names";
import { isDealer, useUser } from "../session/session";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { ACTS, BY_DEALER } from "./words";

/** Who did what about it, and said what. */
export function StatementStory({ statement: { steps } }: { statement: Statement }) {
  const { t } = useI18n();
  const format = useFormat();
  const user = useUser();
  const person = usePersonNames(steps.map(({ actorId }) => actorId));
  // Who of the brand it was is the brand's own matter.
  const who = ({ act, actorId }: StatementStep) => (isDealer(user) && !BY_DEALER.has(act) ? t("company.brand") : person(actorId));
  return (
    <Panel title={t("stm.story")}>
      <ol className="statement-story">
        {steps.map((step) => {
          const { act, doneAt, text } = step;
          const name = nameOf(ACTS, act);
          return (
            <li key={doneAt + String(act)} data-act={name}>
              <strong>{t(name ? `stm.act.${name}` : "status.unknown")}</strong>
              <span className="soft">
                {who(step)} · {format.time(doneAt, true)}
              </span>
              {text && <span className="wrap statement-said">{text}</span>}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

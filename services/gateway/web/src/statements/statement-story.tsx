import { nameOf } from "../funds/words";
import type { Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { usePersonNames } from "../promotions/use-person-names";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { ACTS } from "./words";

/** Who did what about it, and said what. */
export function StatementStory({ statement: { steps } }: { statement: Statement }) {
  const { t } = useI18n();
  const format = useFormat();
  const person = usePersonNames(steps.map(({ actorId }) => actorId));
  return (
    <Panel title={t("stm.story")}>
      <ol className="statement-story">
        {steps.map(({ act, actorId, doneAt, text }) => {
          const name = nameOf(ACTS, act);
          return (
            <li key={doneAt + String(act)} data-act={name}>
              <strong>{t(name ? `stm.act.${name}` : "status.unknown")}</strong>
              <span className="soft">
                {person(actorId)} · {format.time(doneAt, true)}
              </span>
              {text && <span className="wrap statement-said">{text}</span>}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

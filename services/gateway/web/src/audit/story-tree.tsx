import { Link } from "react-router";
import type { CausationNode, Event } from "../gen/qudao/history/v1/history_service_pb";
import { historyPath } from "../history/path";
import { useI18n } from "../i18n/i18n";
import { actorName, contextName, eventName } from "../i18n/names";
import { CopyId } from "../ui/copy-id";
import { useFormat } from "../ui/format";
import { objectOf } from "./event-table";
import type { Branch } from "./tree";

export function StoryTree({ branches }: { branches: Branch[] }) {
  return (
    <ol className="tree">
      {branches.map(({ node, effects }) => (
        <li key={node.id}>
          {node.event ? <Happened node={node} event={node.event} /> : <Asked node={node} />}
          {effects.length > 0 && <StoryTree branches={effects} />}
        </li>
      ))}
    </ol>
  );
}

function Asked({ node }: { node: CausationNode }) {
  const { t } = useI18n();
  return (
    <div className="tree-node tree-request">
      <strong>{t("story.request")}</strong>
      <span className="soft">
        <CopyId value={node.id} />
      </span>
    </div>
  );
}

function Happened({ node, event }: { node: CausationNode; event: Event }) {
  const { locale, t } = useI18n();
  const format = useFormat();
  const sentence = locale === "zh-CN" ? node.sentenceZh : node.sentenceEn;
  return (
    <div className="tree-node">
      <span>
        <strong>{sentence || eventName(event.eventType, t)}</strong>{" "}
        <span className={`tag tag-context-${event.context}`}>{contextName(event.context, t)}</span>
      </span>
      <span className="soft">
        {format.time(event.recordedAt, true)} · {actorName(event.origin, t)} ·{" "}
        {eventName(event.eventType, t)} ·{" "}
        <Link className="mono" to={historyPath(objectOf(event))}>
          {objectOf(event)}
        </Link>
      </span>
    </div>
  );
}

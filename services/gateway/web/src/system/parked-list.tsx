import { ParkedState, type ParkedFact } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { eventName } from "../i18n/names";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { keyOf } from "./facts";
import { ModelName } from "./names";

interface Props {
  facts: ParkedFact[];
  /** Key of the one that is open. */
  chosen: string;
  onOpen: (fact: ParkedFact) => void;
}

export function ParkedList({ facts, chosen, onOpen }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const seldom: Column<ParkedFact>[] = [
    { key: "tries", title: t("parked.tries"), number: true, cell: (fact) => format.count(fact.tries) },
    { key: "since", title: t("parked.since"), cell: (fact) => format.time(fact.since) },
  ];
  return (
    <DataTable<ParkedFact>
      label={t("parked.title")}
      rows={facts}
      rowKey={(fact) => `${keyOf(fact)}/${fact.rebuild}`}
      onOpen={onOpen}
      isOpen={(fact) => keyOf(fact) === chosen}
      columns={[
        { key: "model", title: t("system.projection"), cell: (fact) => <ModelName name={fact.projection} /> },
        { key: "position", title: t("parked.position"), number: true, cell: (fact) => format.count(fact.position) },
        { key: "event", title: t("parked.event"), cell: (fact) => <EventOf fact={fact} /> },
        { key: "state", title: t("parked.state"), cell: (fact) => <StateOf fact={fact} /> },
        // The detail tells these; beside it the reason needs the room.
        ...(chosen ? [] : seldom),
        { key: "reason", title: t("parked.reason"), cell: (fact) => <div className="reason">{fact.reason || "–"}</div> },
      ]}
      card={(fact) => (
        <>
          <span className="card-line">
            <EventOf fact={fact} />
            <StateOf fact={fact} />
          </span>
          {fact.reason && <span className="reason">{fact.reason}</span>}
          <span className="card-line soft">
            <ModelName name={fact.projection} />
            <span>
              #{format.count(fact.position)} · {format.time(fact.since)}
            </span>
          </span>
        </>
      )}
    />
  );
}

/** `OrderSubmitted v1`, and the object that it is about. */
function EventOf({ fact }: { fact: ParkedFact }) {
  const { t } = useI18n();
  const [type = "", version = ""] = fact.eventType.split(" ");
  return (
    <span className="name">
      <span>
        {eventName(type, t)} <span className="soft">{version}</span>
      </span>
      <span className="mono soft">{fact.object}</span>
    </span>
  );
}

const LOOKS = {
  [ParkedState.UNSPECIFIED]: ["tag-cancelled", "parked.state.parked"],
  [ParkedState.PARKED]: ["tag-cancelled", "parked.state.parked"],
  [ParkedState.RETRYING]: ["tag-submitted", "parked.state.retrying"],
  [ParkedState.HELD]: ["", "parked.state.held"],
} as const;

export function StateOf({ fact }: { fact: ParkedFact }) {
  const { t } = useI18n();
  const [look, words] = LOOKS[fact.state];
  return (
    <span className="state-line">
      <span className={`tag ${look}`}>{t(words)}</span>
      {fact.rebuild && <span className="soft">{t("parked.rebuild")}</span>}
    </span>
  );
}

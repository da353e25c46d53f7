import { Button } from "antd";
import { formatDuration } from "../format/time";
import type { ProjectionStatus, Rebuild } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { modelName } from "../i18n/names";
import { useNow } from "../live/live";
import { useFormat } from "../ui/format";
import { RowNote, type RowNotes } from "./row-notes";
import { filling, outcomeOf, progressOf, stateOf, type ProjectionState as State } from "./state";

const LOOKS: Record<State, string> = {
  stuck: "tag-cancelled",
  paused: "tag-submitted",
  waiting: "tag-submitted",
  rebuilding: "tag-confirmed",
  comparing: "tag-confirmed",
  parked: "tag-cancelled",
  retrying: "tag-submitted",
  behind: "tag-submitted",
  runs: "tag-received",
};

interface Props {
  projection: ProjectionStatus;
  notes: RowNotes;
  onCompared: () => void;
}

/** What it does, why it does not, what is being filled, and what somebody just did to it. */
export function ProjectionState({ projection, notes, onCompared }: Props) {
  const { t } = useI18n();
  const state = stateOf(projection);
  const rebuild = filling(projection);
  return (
    <span className="state-cell" data-state={state}>
      <span className="state-line">
        <span className={`tag ${LOOKS[state]}`}>{t(`projection.state.${state}`)}</span>
        <Outcome projection={projection} onCompared={onCompared} />
      </span>
      {projection.problem && <span>{projection.problem}</span>}
      {rebuild && <Meter rebuild={rebuild} projection={projection} />}
      <RowNote notes={notes} row={projection.name} />
    </span>
  );
}

function Outcome({ projection, onCompared }: { projection: ProjectionStatus; onCompared: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const outcome = outcomeOf(projection);
  if (!outcome || !projection.rebuild) return null;
  const compared = outcome === "same" || outcome === "different";
  return (
    <span className="soft" title={format.time(projection.rebuild.finishedAt, true)}>
      <span className={outcome === "different" ? "bad" : undefined}>{t(`projection.outcome.${outcome}`)}</span>
      {(compared || projection.rebuild.tables.length > 0) && (
        <Button size="small" type="link" onClick={onCompared}>
          {t("projection.result")}
        </Button>
      )}
    </span>
  );
}

function Meter({ rebuild, projection }: { rebuild: Rebuild; projection: ProjectionStatus }) {
  const { t } = useI18n();
  const format = useFormat();
  const { percent, remaining, millisLeft } = progressOf(rebuild, projection.logPosition, useNow());
  return (
    <>
      <span
        className="meter"
        role="progressbar"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-label={t("projection.progress", { name: modelName(projection.name, t) })}
      >
        <span style={{ width: `${percent}%` }} />
      </span>
      <span className="soft">
        {t("projection.remaining", { percent, n: format.count(remaining) })}
        {millisLeft !== undefined && ` · ${t("projection.remaining.time", { time: formatDuration(millisLeft, t) })}`}
      </span>
      {rebuild.problem && <span>{rebuild.problem}</span>}
    </>
  );
}

import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { OperationsService, type ProjectionStatus } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { modelName } from "../i18n/names";
import { useOperator } from "../session/operator";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { usePhone } from "../ui/media";
import { Failure } from "../ui/states";
import type { RowNotes } from "./row-notes";
import { actionsFor, filling, type ActionName } from "./state";

export const METHODS = {
  pause: OperationsService.method.pauseProjection,
  resume: OperationsService.method.resumeProjection,
  rebuild: OperationsService.method.rebuildProjection,
  compare: OperationsService.method.compareProjection,
  cancel: OperationsService.method.cancelRebuild,
} as const;

/** To go on and to compare changes nothing that somebody reads; the others are asked about. */
const ASKED = ["pause", "rebuild", "cancel"] as const;
type Asked = (typeof ASKED)[number];
const isAsked = (action: ActionName): action is Asked => ASKED.some((asked) => asked === action);

export function ProjectionActions({ projection, notes }: { projection: ProjectionStatus; notes: RowNotes }) {
  const { t } = useI18n();
  const format = useFormat();
  const operations = useClient(OperationsService);
  const { may, headers } = useOperator();
  const phone = usePhone();
  const [asked, setAsked] = useState<Asked>();
  const running = useAction();
  const name = projection.name;
  const calls: Record<ActionName, () => Promise<unknown>> = {
    pause: () => operations.pauseProjection({ name }, { headers }),
    resume: () => operations.resumeProjection({ name }, { headers }),
    rebuild: () => operations.rebuildProjection({ name }, { headers }),
    compare: () => operations.compareProjection({ name }, { headers }),
    cancel: () => operations.cancelRebuild({ name }, { headers }),
  };
  const carryOut = (action: ActionName) =>
    running.run(async () => {
      await calls[action]();
      setAsked(undefined);
      notes.say(name, t(`projection.done.${action}`, { n: format.count(projection.position) }));
    });
  const offered = actionsFor(projection).filter((action) => may(METHODS[action]));
  return (
    <span className="row-actions">
      {offered.map((action) => (
        <Button
          key={action}
          size={phone ? "middle" : "small"}
          data-action={action}
          aria-label={`${t(`projection.action.${action}`)} ${modelName(name, t)}`}
          disabled={running.busy}
          onClick={() => (isAsked(action) ? setAsked(action) : void carryOut(action))}
        >
          {t(`projection.action.${action}`)}
        </Button>
      ))}
      {running.error !== undefined && asked === undefined && <Failure error={running.error} />}
      {asked && (
        <AskFirst
          title={t(`projection.ask.${asked}.title`, { name: modelName(name, t) })}
          okText={t(`projection.action.${asked}`)}
          danger={asked !== "rebuild"}
          state={running}
          onClose={() => setAsked(undefined)}
          onOk={() => void carryOut(asked)}
        >
          <Consequence asked={asked} projection={projection} />
        </AskFirst>
      )}
    </span>
  );
}

function Consequence({ asked, projection }: { asked: Asked; projection: ProjectionStatus }) {
  const { t } = useI18n();
  const format = useFormat();
  const positions: Record<Asked, bigint> = {
    pause: projection.position,
    rebuild: projection.logPosition,
    cancel: filling(projection)?.position ?? 0n,
  };
  const key = asked === "pause" && projection.policy ? "pause.policy" : asked;
  return <p>{t(`projection.ask.${key}`, { n: format.count(positions[asked]) })}</p>;
}

import { Button, Modal, Progress, Steps } from "antd";
import { useMemo } from "react";
import { useTransport } from "../api/clients";
import { saveBlob } from "../files/save-file";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { Loading } from "../ui/states";
import { useToday } from "../ui/use-today";
import "../tables/tables.css";
import { FileStep } from "./file-step";
import { failedCsv } from "./files";
import type { ImportKind } from "./kind";
import { kindOf, type What } from "./kinds";
import { Preview } from "./preview";
import { countOf } from "./rows";
import { useImport, type Plan, type Stage } from "./use-import";
import { rowWords } from "./words";

interface Props {
  what: What;
  onDone: (position: bigint) => void;
  onClose: () => void;
}

/** Brings a file in: what it would do is shown before anything is sent. */
export default function ImportDialog({ what, ...rest }: Props) {
  const transport = useTransport();
  const today = useToday();
  const dialog = useMemo(() => kindOf(what, transport, today, (kind) => (props: Omit<Props, "what">) => <Import kind={kind} {...props} />), [what.of, transport, today]);
  return dialog(rest);
}

const STEP: Record<Stage["at"], number> = { file: 0, looking: 0, preview: 1, running: 2, over: 2 };

function Import<Item>({ kind, onDone, onClose }: Omit<Props, "what"> & { kind: ImportKind<Item> }) {
  const { t } = useI18n();
  const { stage, choose, run, back, stop } = useImport(kind, onDone);
  const running = stage.at === "running";
  return (
    <Modal
      open
      className="import-dialog"
      width={860}
      title={t(kind.title)}
      footer={<Foot stage={stage} onRun={run} onBack={back} onStop={stop} onClose={onClose} />}
      // Nobody leaves a run by chance; it is stopped first.
      closable={!running}
      keyboard={!running}
      mask={{ closable: false }}
      onCancel={onClose}
    >
      <Steps
        size="small"
        responsive={false}
        current={STEP[stage.at]}
        items={[{ title: t("import.step.file") }, { title: t("import.step.preview") }, { title: t("import.step.run") }]}
      />
      {stage.at === "file" && <FileStep kind={kind} error={stage.error} onChoose={(file) => void choose(file)} />}
      {stage.at === "looking" && (
        <>
          <p className="soft">{t("import.looking")}</p>
          <Loading />
        </>
      )}
      {stage.at === "preview" && <Preview plan={stage.plan} kind={kind} />}
      {(stage.at === "running" || stage.at === "over") && (
        <>
          <HowFar plan={stage.plan} over={stage.at === "over"} />
          <Preview plan={stage.plan} kind={kind} />
        </>
      )}
    </Modal>
  );
}

function HowFar({ plan: { rows }, over }: { plan: Plan; over: boolean }) {
  const { t } = useI18n();
  const format = useFormat();
  const did = countOf(rows, "done", "before", "refused");
  const all = did + countOf(rows, "send", "sending");
  const left = all - did;
  const words = over && left === 0 ? "import.over" : over ? "import.stopped" : "import.running";
  return (
    <div className="import-progress" role="status" data-import-over={over || undefined}>
      <Progress
        aria-label={t("import.progress")}
        percent={all === 0 ? 100 : Math.floor((did / all) * 100)}
        status={over && left > 0 ? "exception" : over ? "success" : "active"}
      />
      <p>
        {t(words, {
          did: format.count(did),
          all: format.count(all),
          done: format.count(countOf(rows, "done")),
          refused: format.count(countOf(rows, "refused")),
          left: format.count(left),
        })}
      </p>
    </div>
  );
}

interface FootProps {
  stage: Stage;
  onRun: (plan: Plan) => Promise<void>;
  onBack: () => void;
  onStop: () => void;
  onClose: () => void;
}

function Foot({ stage, onRun, onBack, onStop, onClose }: FootProps) {
  const { t } = useI18n();
  const format = useFormat();
  if (stage.at === "running") {
    return (
      <Button danger onClick={onStop}>
        {t("import.stop")}
      </Button>
    );
  }
  const close = <Button onClick={onClose}>{t("action.close")}</Button>;
  if (stage.at === "file") return close;
  if (stage.at === "looking") return <Button onClick={onBack}>{t("import.stop")}</Button>;
  const { plan } = stage;
  const ready = countOf(plan.rows, "send");
  return (
    <div className="import-foot">
      <FailedButton plan={plan} />
      {stage.at === "preview" || ready === 0 ? <Button onClick={onBack}>{t("import.other")}</Button> : null}
      {close}
      {(stage.at === "preview" || ready > 0) && (
        <Button type="primary" disabled={ready === 0} data-import-run onClick={() => void onRun(plan)}>
          {t(stage.at === "preview" ? "import.run" : "import.goOn", { n: format.count(ready) })}
        </Button>
      )}
    </div>
  );
}

/** What did not go through, to be mended and brought back. */
function FailedButton({ plan }: { plan: Plan }) {
  const { locale, t } = useI18n();
  if (countOf(plan.rows, "bad", "refused") === 0) return null;
  const save = () => {
    const csv = failedCsv(plan.file.rows[0] ?? [], plan.rows, (row) => rowWords(row, locale, t), t);
    saveBlob(new Blob([csv], { type: "text/csv;charset=utf-8" }), t("import.failed.name", { name: plan.file.name.replace(/\.[^.]*$/, "") }));
  };
  return (
    <Button data-import-failed onClick={save}>
      {t("import.failed")}
    </Button>
  );
}

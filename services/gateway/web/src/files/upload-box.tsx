import { CameraOutlined, PauseOutlined, PlayCircleOutlined, PlusOutlined, CloseOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { problemOf } from "../api/errors";
import { useI18n } from "../i18n/i18n";
import { sizeText } from "./size";
import type { OnTheWay, Transfers } from "./use-transfers";

export const PICTURES = "image/jpeg,image/png,image/webp";
export const ALL_KINDS = `${PICTURES},application/pdf,.docx,.xlsx`;

interface Props {
  transfers: Transfers;
  accept: string;
  /** What the button says. */
  label: string;
  hint: string;
  several?: boolean;
}

/** Takes files by a button, by drag and drop, or from a phone's camera, and shows how far they are. */
export function UploadBox({ transfers, accept, label, hint, several = false }: Props) {
  const { t } = useI18n();
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    for (const file of [...(files ?? [])].slice(0, several ? undefined : 1)) transfers.add(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <div className="upload">
      <div
        className={over ? "upload-drop upload-over" : "upload-drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Choose icon={<PlusOutlined />} label={label} accept={accept} several={several} onTake={take} />
        <span className="upload-camera">
          <Choose icon={<CameraOutlined />} label={t("files.camera")} accept="image/*" camera onTake={take} />
        </span>
        <span className="soft upload-hint">{hint}</span>
      </div>
      {transfers.all.length > 0 && (
        <ul className="upload-list" aria-label={t("files.underWay")}>
          {transfers.all.map((one) => (
            <Line key={one.key} one={one} transfers={transfers} />
          ))}
        </ul>
      )}
    </div>
  );
}

interface ChooseProps {
  icon: React.ReactNode;
  label: string;
  accept: string;
  several?: boolean;
  camera?: boolean;
  onTake: (files: FileList | null) => void;
}

function Choose({ icon, label, accept, several = false, camera = false, onTake }: ChooseProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon={icon} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        multiple={several}
        {...(camera ? { capture: "environment" as const } : {})}
        onChange={(event) => {
          onTake(event.target.files);
          // The same file can be chosen once more.
          event.target.value = "";
        }}
      />
    </>
  );
}

function Line({ one, transfers }: { one: OnTheWay; transfers: Transfers }) {
  const { locale, t } = useI18n();
  const percent = Math.floor((one.sent / Math.max(one.size, 1)) * 100);
  const problem = one.error === undefined ? undefined : problemOf(one.error, locale, t);
  const said = {
    sending: `${sizeText(one.sent, locale)} / ${sizeText(one.size, locale)}`,
    waiting: t("files.waiting"),
    checking: t("files.checking"),
    failed: "",
    done: "",
  }[one.stage];
  return (
    <li className={one.stage === "failed" ? "upload-line upload-failed" : "upload-line"}>
      <span className="upload-name">{one.name}</span>
      <span className="upload-actions">
        {one.stage === "sending" && (
          <Button size="small" type="text" icon={<PauseOutlined />} aria-label={t("files.pause", { name: one.name })} onClick={() => transfers.pause(one.key)} />
        )}
        {one.stage === "waiting" && (
          <Button size="small" type="text" icon={<PlayCircleOutlined />} aria-label={t("files.resume", { name: one.name })} onClick={() => transfers.resume(one.key)} />
        )}
        <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("files.cancel", { name: one.name })} onClick={() => transfers.cancel(one.key)} />
      </span>
      {one.stage !== "failed" && (
        <Progress
          percent={percent}
          size="small"
          status={one.stage === "waiting" ? "normal" : "active"}
          aria-label={t("files.progress", { name: one.name })}
        />
      )}
      {problem ? (
        <span className="field-error" role="alert">
          {[problem.what, ...problem.fields.map(({ description }) => description)].join(" ")}
        </span>
      ) : (
        <span className="soft" role="status">
          {said}
        </span>
      )}
    </li>
  );
}

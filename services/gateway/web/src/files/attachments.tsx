import { DeleteOutlined, DownloadOutlined, FileExcelOutlined, FilePdfOutlined, FileWordOutlined } from "@ant-design/icons";
import { App, Button, Input, Modal } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { useQuery } from "../api/use-query";
import { FilePurpose, ObjectKind, type File } from "../gen/qudao/collab/v1/file_pb";
import { FileQueryService } from "../gen/qudao/collab/v1/file_query_service_pb";
import { FileService } from "../gen/qudao/collab/v1/file_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useCommand } from "../orders/use-command";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { Failure, QueryView } from "../ui/states";
import { saveFile } from "./save-file";
import { sizeText } from "./size";
import { ALL_KINDS, UploadBox } from "./upload-box";
import { useFileUrl } from "./use-file-url";
import { useTransfers } from "./use-transfers";
import { useWire } from "./wire";

interface Props {
  orderId: string;
  /** The order's; its people see what is attached. */
  dealerId: string;
}

/** What is attached to an order: pictures small, all else by what it is. */
export function OrderAttachments({ orderId, dealerId }: Props) {
  const { t } = useI18n();
  const fileLists = useClient(FileQueryService);
  const may = useMay();
  const [seen, setSeen] = useState(0n);
  const [removing, setRemoving] = useState<File>();
  const query = useQuery(
    `files/order/${orderId}/${seen}`,
    (signal) =>
      fileLists.listFiles({ object: { kind: ObjectKind.ORDER, id: orderId }, page: { size: 200 }, minPosition: seen }, { signal }),
    { tick: useTick("files"), keep: true },
  );
  const about = { purpose: "attachment", object: { kind: "order", id: orderId }, dealerId } as const;
  const transfers = useTransfers(about, ({ position }) => setSeen((before) => (position > before ? position : before)));
  const hasRight = may(FileService.method.startUpload);
  return (
    <Panel title={t("files.attachments")}>
      {hasRight && (
        <UploadBox transfers={transfers} accept={ALL_KINDS} label={t("files.choose")} hint={t("files.hint")} several />
      )}
      <QueryView query={query} isEmpty={({ files }) => files.length === 0} empty={<p className="soft">{t("files.none")}</p>}>
        {({ files }) => (
          <ul className="files" aria-label={t("files.attachments")}>
            {files.map((file) => (
              <Row key={file.fileId} file={file} onRemove={may(FileService.method.removeFile) ? () => setRemoving(file) : undefined} />
            ))}
          </ul>
        )}
      </QueryView>
      {removing && <Removing file={removing} onDone={setSeen} onClose={() => setRemoving(undefined)} />}
    </Panel>
  );
}

function Row({ file, onRemove }: { file: File; onRemove: (() => void) | undefined }) {
  const { locale, t } = useI18n();
  const format = useFormat();
  const wire = useWire();
  const saving = useAction();
  const [open, setOpen] = useState(false);
  const isShown = file.picture !== undefined;
  return (
    <li className="file">
      <button
        type="button"
        className="file-picture"
        aria-label={t(isShown ? "files.show" : "files.save", { name: file.name })}
        onClick={() => (isShown ? setOpen(true) : void saving.run(() => saveFile(wire, file)))}
      >
        {isShown ? <Thumbnail file={file} /> : <Kind mediaType={file.mediaType} />}
      </button>
      <div className="file-text">
        <span className="file-name">{file.name}</span>
        <span className="soft">
          {sizeText(file.size, locale)} · {format.time(file.storedAt)}
        </span>
        {saving.error !== undefined && <Failure error={saving.error} />}
      </div>
      <div className="file-actions">
        <Button
          type="text"
          icon={<DownloadOutlined />}
          loading={saving.busy}
          aria-label={t("files.save", { name: file.name })}
          onClick={() => void saving.run(() => saveFile(wire, file))}
        />
        {onRemove && file.purpose === FilePurpose.ATTACHMENT && (
          <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("files.remove", { name: file.name })} onClick={onRemove} />
        )}
      </div>
      {open && <Preview file={file} onClose={() => setOpen(false)} />}
    </li>
  );
}

function Thumbnail({ file }: { file: File }) {
  const url = useFileUrl(file.fileId, "thumbnail");
  return url ? <img src={url} alt="" /> : <span className="file-blank" />;
}

function Kind({ mediaType }: { mediaType: string }) {
  if (mediaType === "application/pdf") return <FilePdfOutlined />;
  return mediaType.endsWith(".sheet") ? <FileExcelOutlined /> : <FileWordOutlined />;
}

function Preview({ file, onClose }: { file: File; onClose: () => void }) {
  const url = useFileUrl(file.fileId, "preview");
  return (
    <Modal open footer={null} title={file.name} width="min(92vw, 1000px)" onCancel={onClose}>
      <div className="file-preview">{url ? <img src={url} alt={file.name} /> : <span className="file-blank" />}</div>
    </Modal>
  );
}

function Removing({ file, onDone, onClose }: { file: File; onDone: (position: bigint) => void; onClose: () => void }) {
  const { t } = useI18n();
  const files = useClient(FileService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand((position) => {
    void message.success(t("files.removed"));
    onDone(position);
    onClose();
  });
  const body = { fileId: file.fileId, reason: reason.trim() };
  return (
    <AskFirst
      title={t("files.remove.title", { name: file.name })}
      okText={t("files.remove.ok")}
      danger
      disabled={!body.reason}
      state={command}
      onOk={() => void command.run(body, (requestId) => files.removeFile({ ...body, requestId }))}
      onClose={onClose}
    >
      <p>{t("files.remove.consequence")}</p>
      <Input
        aria-label={t("files.remove.reason")}
        placeholder={t("files.remove.reason")}
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </AskFirst>
  );
}

import { ScanOutlined } from "@ant-design/icons";
import { Button, Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { useI18n } from "../i18n/i18n";
import { scan } from "./scanner";

/** Opens the camera and gives the code that it sees. */
export default function ScanButton({ onCode }: { onCode: (code: string) => void }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const take = (code: string) => {
    setOpen(false);
    onCode(code);
  };
  return (
    <>
      <Button size="large" icon={<ScanOutlined />} aria-label={t("mall.scan")} onClick={() => setOpen(true)} />
      {open && <ScanDialog onCode={take} onClose={() => setOpen(false)} />}
    </>
  );
}

function ScanDialog({ onCode, onClose }: { onCode: (code: string) => void; onClose: () => void }) {
  const { t } = useI18n();
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  const take = useRef(onCode);
  take.current = onCode;
  useEffect(() => {
    const abort = new AbortController();
    if (video.current) {
      scan(video.current, abort.signal).then(
        (code) => code && take.current(code),
        () => !abort.signal.aborted && setFailed(true),
      );
    }
    return () => abort.abort();
  }, []);
  return (
    <Modal open title={t("mall.scan")} footer={null} onCancel={onClose}>
      {failed ? <p role="alert">{t("mall.scan.failed")}</p> : <p className="soft">{t("mall.scan.hint")}</p>}
      <video ref={video} className="scan-view" muted playsInline hidden={failed} />
    </Modal>
  );
}

import { UploadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Suspense, useState } from "react";
import { useI18n } from "../i18n/i18n";
import type { What } from "./kinds";
import { ImportDialog } from "./lazy-dialog";

interface Props {
  what: What;
  /** How far what was imported is in the log. */
  onDone: (position: bigint) => void;
}

/** For who may send the commands; what it takes is fetched when it is needed. */
export function ImportButton({ what, onDone }: Props) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<UploadOutlined />} data-import={what.of} onClick={() => setOpen(true)}>
        {t("import.import")}
      </Button>
      {open && (
        <Suspense fallback={null}>
          <ImportDialog what={what} onDone={onDone} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

import { UploadOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Modal } from "antd";
import { Suspense, useState } from "react";
import { useI18n } from "../i18n/i18n";
import { ImportDialog } from "../imports/lazy-dialog";
import { useCurrency } from "../products/use-currency";
import { Field } from "../ui/field-problems";

const ACCOUNT = /^[A-Za-z0-9._-]{1,64}$/;

interface Props {
  /** Accounts that lines were imported of before. */
  accounts: string[];
  onDone: (position: bigint) => void;
}

/** A file does not say of which of the brand's accounts it is, so that is asked first. */
export function BankImport({ accounts, onDone }: Props) {
  const { t } = useI18n();
  const { currency } = useCurrency();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const [account, setAccount] = useState<string>();
  const number = typed.replace(/\s/g, "");
  const begin = () => {
    setTyped(accounts.length === 1 ? (accounts[0] ?? "") : typed);
    setAsking(true);
  };
  const go = () => {
    setAsking(false);
    setAccount(number);
  };
  return (
    <>
      <Button icon={<UploadOutlined />} data-import="bankLines" onClick={begin}>
        {t("import.import")}
      </Button>
      {asking && (
        <Modal
          open
          title={t("import.bankLines")}
          okText={t("recon.import.next")}
          okButtonProps={{ disabled: !ACCOUNT.test(number) }}
          cancelText={t("action.close")}
          onOk={go}
          onCancel={() => setAsking(false)}
        >
          <p>{t("recon.import.account")}</p>
          <Field label={t("recon.account")} hint={t("recon.account.hint")} problem="">
            <AutoComplete
              className="wide"
              value={typed}
              options={accounts.map((value) => ({ value }))}
              aria-label={t("recon.account")}
              onChange={setTyped}
            />
          </Field>
        </Modal>
      )}
      {account !== undefined && (
        <Suspense fallback={null}>
          <ImportDialog what={{ of: "bankLines", account, currency }} onDone={onDone} onClose={() => setAccount(undefined)} />
        </Suspense>
      )}
    </>
  );
}

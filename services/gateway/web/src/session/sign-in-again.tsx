import { Code } from "@connectrpc/connect";
import { Button, Modal } from "antd";
import { useState } from "react";
import { isCode, problemOf } from "../api/errors";
import { useI18n } from "../i18n/i18n";
import { useSession } from "./session";
import { SignInForm } from "./sign-in-form";

/** Above every other dialog: one of them may be what the person is filling in. */
const ON_TOP = 2_000;

/** Asks for the password over the page, which stays as it was; somebody else leaves it. */
export function SignInAgain() {
  const { locale, t } = useI18n();
  const { session, over, why, begin, leave } = useSession();
  const [other, setOther] = useState(false);
  if (!session || !over) return null;
  const { tenantId, userId, name } = session.user;
  // Their password is right, and they are kept out all the same.
  const barred = isCode(why, Code.PermissionDenied);
  const reason = why === undefined ? t("session.over.why") : problemOf(why, locale, t).what;
  return (
    <Modal
      open
      className="sign-in-again"
      title={t(barred ? "session.barred" : "session.over")}
      zIndex={ON_TOP}
      width={420}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={null}
    >
      <p className="soft">{reason}</p>
      <p>{other ? t("session.over.other") : t(barred ? "session.over.barred" : "session.over.kept", { name })}</p>
      <SignInForm
        key={other ? "other" : "same"}
        tenantId={tenantId}
        login={other ? "" : userId}
        autoFocus
        onSignedIn={begin}
      />
      <footer className="sign-in-ways">
        <Button type="link" onClick={() => setOther(!other)}>
          {other ? t("session.over.same", { name }) : t("session.over.switch")}
        </Button>
        <Button type="link" onClick={() => void leave()}>
          {t("session.leave")}
        </Button>
      </footer>
    </Modal>
  );
}

import { Button } from "antd";
import { useEffect, useState } from "react";
import { ChangePassword } from "../account/change-password";
import { useI18n } from "../i18n/i18n";
import { LanguageSwitch } from "../shell/settings";
import { useBrand } from "./brand";
import { BrandMark } from "./brand-mark";
import { useSession, useUser } from "./session";
import { SignInAgain } from "./sign-in-again";

/** Takes the place of every page until a password is changed that somebody else gave: nothing else is answered. */
export function FirstPassword() {
  const { t } = useI18n();
  const { leave, reread } = useSession();
  const { name } = useUser();
  const { look } = useBrand();
  const [leaving, setLeaving] = useState(false);

  useEffect(() => {
    document.title = `${t("first.title")} · ${look?.name ?? t("app.name")}`;
  }, [t, look]);

  return (
    <main className="identity">
      <SignInAgain />
      <div className="panel identity-panel">
        <BrandMark claim={t("first.title")} />
        <p>{t("first.why", { name })}</p>
        <ChangePassword onDone={reread} />
        <Button
          type="link"
          loading={leaving}
          onClick={() => {
            setLeaving(true);
            void leave();
          }}
        >
          {t("session.signOut")}
        </Button>
        <LanguageSwitch />
      </div>
    </main>
  );
}

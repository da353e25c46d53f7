import { Button, Segmented } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { useI18n } from "../i18n/i18n";
import type { Locale } from "../format/number";
import { usePreferences, type Appearance } from "../session/preferences";
import { useSession } from "../session/session";
import { hasMall } from "./pages";
import { RoleNames } from "./role-names";
import { MALL_PATH, preferConsole } from "./surface";

export function LanguageSwitch() {
  const { t } = useI18n();
  const { locale, setLocale } = usePreferences();
  return (
    <Segmented<Locale>
      size="small"
      aria-label={t("settings.language")}
      value={locale}
      options={[
        { value: "zh-CN", label: "中文" },
        { value: "en", label: "English" },
      ]}
      onChange={setLocale}
    />
  );
}

export function AppearanceSwitch() {
  const { t } = useI18n();
  const { appearance, setAppearance } = usePreferences();
  return (
    <Segmented<Appearance>
      size="small"
      aria-label={t("settings.appearance")}
      value={appearance}
      options={[
        { value: "system", label: t("settings.system") },
        { value: "light", label: t("settings.light") },
        { value: "dark", label: t("settings.dark") },
      ]}
      onChange={setAppearance}
    />
  );
}

/** Who is signed in, language, appearance, and the way out. */
export function Settings({ onGo }: { onGo?: () => void }) {
  const { t } = useI18n();
  const { session, leave } = useSession();
  const [leaving, setLeaving] = useState(false);
  if (!session) return null;
  return (
    <div className="settings">
      <LanguageSwitch />
      <AppearanceSwitch />
      {hasMall(session.user) && (
        <Link to={MALL_PATH} onClick={() => preferConsole(false)}>
          {t("nav.mall")}
        </Link>
      )}
      {/* A page of the gateway beside the app, with a look of its own. */}
      <a className="soft" href="/docs/api" target="_blank" rel="noreferrer">
        {t("nav.api")}
      </a>
      <div className="person">
        <Link to="/account" title={t("nav.account")} onClick={onGo}>
          <strong>{session.user.name}</strong>
          <span className="soft">
            <RoleNames roles={session.user.roles} />
          </span>
        </Link>
        <Button
          size="small"
          loading={leaving}
          onClick={() => {
            setLeaving(true);
            void leave();
          }}
        >
          {t("session.signOut")}
        </Button>
      </div>
    </div>
  );
}

import { DownloadOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import { currencyOf } from "../funds/amounts";
import { ReportButton } from "../funds/report-dialog";
import { useI18n } from "../i18n/i18n";
import { useSession, useUser } from "../session/session";
import { RoleNames } from "../shell/role-names";
import { AppearanceSwitch, LanguageSwitch } from "../shell/settings";
import { MALL_PATH, preferConsole } from "../shell/surface";
import { Balances } from "./balances";
import { MallPage } from "./mall-page";
import { useInstall } from "./pwa";
import { useFunds } from "./use-funds";

/** Most people work in one company and need no choice. */
const CompanySwitch = lazy(() => import("../session/company-select"));

export default function MePage() {
  const { t } = useI18n();
  const user = useUser();
  const [seen, setSeen] = useState(0n);
  const funds = useFunds(seen);
  const of = funds.data?.funds;
  return (
    <MallPage title={t("mall.me")} className="me">
      <section className="mall-card me-person">
        <strong>{user.name}</strong>
        <span className="soft">
          {of?.dealerName || user.dealerId} · <RoleNames roles={user.roles} />
        </span>
        {user.memberships.length > 1 && (
          <Suspense>
            <CompanySwitch />
          </Suspense>
        )}
      </section>
      <Balances query={funds} />
      <ul className="mall-card me-ways">
        <Way to={`${MALL_PATH}/me/funds`}>{t("mall.funds.entries")}</Way>
        <Way to={`${MALL_PATH}/me/rebates`}>{t("mall.rebates")}</Way>
        <Way to={`${MALL_PATH}/statements`}>{t("mall.statements")}</Way>
        <Way to={`${MALL_PATH}/orders`}>{t("mall.orders")}</Way>
        <Way to="/account">{t("nav.account")}</Way>
      </ul>
      <div className="me-report">
        <ReportButton dealerId={user.dealerId} {...(of && { currency: currencyOf(of, "") })} onDone={setSeen} />
      </div>
      <section className="mall-card me-settings">
        <Setting name={t("settings.language")}>
          <LanguageSwitch />
        </Setting>
        <Setting name={t("settings.appearance")}>
          <AppearanceSwitch />
        </Setting>
      </section>
      <Leaving />
    </MallPage>
  );
}

function Way({ to, children }: { to: string; children: ReactNode }) {
  return (
    <li>
      <Link to={to}>
        <span>{children}</span>
        <RightOutlined aria-hidden />
      </Link>
    </li>
  );
}

function Setting({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="me-setting">
      <span>{name}</span>
      {children}
    </div>
  );
}

/** To the phone's home screen, to the console, and out. */
function Leaving() {
  const { t } = useI18n();
  const { leave } = useSession();
  const navigate = useNavigate();
  const install = useInstall();
  const [leaving, setLeaving] = useState(false);
  const toConsole = () => {
    preferConsole(true);
    void navigate("/");
  };
  const out = () => {
    setLeaving(true);
    void leave();
  };
  return (
    <div className="me-leaving">
      {install && (
        <Button block size="large" icon={<DownloadOutlined />} onClick={install}>
          {t("mall.install")}
        </Button>
      )}
      <Button block size="large" data-to-console onClick={toConsole}>
        {t("mall.console")}
      </Button>
      <Button block size="large" danger loading={leaving} onClick={out}>
        {t("session.signOut")}
      </Button>
    </div>
  );
}

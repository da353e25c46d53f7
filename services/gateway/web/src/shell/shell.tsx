import { MenuOutlined } from "@ant-design/icons";
import { lazy, Suspense, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { useI18n } from "../i18n/i18n";
import { useBrand } from "../session/brand";
import { useUser } from "../session/session";
import { ConnectionBadge } from "../ui/freshness";
import { usePhone } from "../ui/media";
import { Loading } from "../ui/states";
import { ErrorBoundary } from "./error-boundary";
import { navFor, type NavEntry } from "./pages";
import { Settings } from "./settings";

/** Most people work in one company and need no choice. */
const CompanySwitch = lazy(() => import("../session/company-select"));

export function Shell() {
  const phone = usePhone();
  return phone ? <PhoneShell /> : <DeskShell />;
}

function Content() {
  const { pathname } = useLocation();
  return (
    <ErrorBoundary key={pathname}>
      <Suspense fallback={<Loading rows={8} />}>
        <Outlet />
      </Suspense>
    </ErrorBoundary>
  );
}

function Skip() {
  const { t } = useI18n();
  return (
    <a className="skip" href="#content">
      {t("nav.skip")}
    </a>
  );
}

function Entry({ entry: { to, name, icon: Icon }, onGo }: { entry: NavEntry; onGo?: () => void }) {
  const { t } = useI18n();
  return (
    <NavLink to={to} end={to === "/"} onClick={onGo}>
      <Icon />
      <span>{t(name)}</span>
    </NavLink>
  );
}

function Brand() {
  const { t } = useI18n();
  const user = useUser();
  const { look, logo } = useBrand();
  return (
    <div className="brand">
      <img src={logo} alt="" width={28} height={28} />
      <div>
        <strong>{look?.name || user.tenantName || user.tenantId}</strong>
        {user.memberships.length < 2 && <span className="soft">{t("app.name")}</span>}
        {user.memberships.length > 1 && (
          <Suspense>
            <CompanySwitch />
          </Suspense>
        )}
      </div>
    </div>
  );
}

function DeskShell() {
  const { t } = useI18n();
  const user = useUser();
  return (
    <div className="shell">
      <Skip />
      <aside className="side">
        <Brand />
        <nav aria-label={t("nav.label")}>
          {navFor(user).map((entry) => (
            <Entry key={entry.to} entry={entry} />
          ))}
        </nav>
        <Settings />
      </aside>
      <main id="content" tabIndex={-1}>
        <ConnectionBadge />
        <Content />
      </main>
    </div>
  );
}

const TABS = 4;

function PhoneShell() {
  const { t } = useI18n();
  const user = useUser();
  const [more, setMore] = useState(false);
  const entries = navFor(user);
  const tabs = entries.slice(0, TABS);
  const rest = entries.slice(TABS);
  const close = () => setMore(false);
  return (
    <div className="shell shell-phone">
      <Skip />
      <main id="content" tabIndex={-1}>
        <ConnectionBadge />
        <div hidden={more}>
          <Content />
        </div>
        {more && (
          <div className="page more">
            <Brand />
            <nav aria-label={t("nav.more")}>
              {rest.map((entry) => (
                <Entry key={entry.to} entry={entry} onGo={close} />
              ))}
            </nav>
            <Settings onGo={close} />
          </div>
        )}
      </main>
      <nav className="tabs" aria-label={t("nav.label")}>
        {tabs.map((entry) => (
          <Entry key={entry.to} entry={entry} onGo={close} />
        ))}
        <button type="button" aria-expanded={more} onClick={() => setMore(!more)}>
          <MenuOutlined />
          <span>{t("nav.more")}</span>
        </button>
      </nav>
    </div>
  );
}

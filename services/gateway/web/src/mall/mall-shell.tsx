import { AppstoreOutlined, HomeOutlined, ProfileOutlined, ShoppingCartOutlined, UserOutlined } from "@ant-design/icons";
import { Suspense, type ComponentType } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { useI18n, type Key } from "../i18n/i18n";
import { useLive } from "../live/live";
import { ErrorBoundary } from "../shell/error-boundary";
import { MALL_PATH } from "../shell/surface";
import { ConnectionBadge } from "../ui/freshness";
import { useFormat } from "../ui/format";
import { Loading } from "../ui/states";
import { useMall } from "./mall-state";
import { useOnline } from "./pwa";

interface Tab {
  to: string;
  name: Key;
  icon: ComponentType;
}

const TABS: Tab[] = [
  { to: MALL_PATH, name: "mall.home", icon: HomeOutlined },
  { to: `${MALL_PATH}/categories`, name: "mall.categories", icon: AppstoreOutlined },
  { to: `${MALL_PATH}/cart`, name: "mall.cart", icon: ShoppingCartOutlined },
  { to: `${MALL_PATH}/orders`, name: "mall.orders", icon: ProfileOutlined },
  { to: `${MALL_PATH}/me`, name: "mall.me", icon: UserOutlined },
];

/** Pages above, tabs below within reach of a thumb; on a wide screen beside them. */
export function MallShell() {
  const { t } = useI18n();
  const { pathname } = useLocation();
  return (
    <div className="mall">
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      <main id="content" tabIndex={-1}>
        <Away />
        <ErrorBoundary key={pathname}>
          <Suspense fallback={<Loading rows={8} />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <nav className="mall-tabs" aria-label={t("nav.label")}>
        {TABS.map(({ to, name, icon: Icon }) => (
          <NavLink key={to} to={to} end={to === MALL_PATH}>
            <span className="mall-tab-icon">
              <Icon />
              {name === "mall.cart" && <CartBadge />}
            </span>
            <span>{t(name)}</span>
          </NavLink>
        ))}
      </nav>
    </div>
  );
}

/** How many products are in the basket; what counts is that there is something. */
function CartBadge() {
  const { t } = useI18n();
  const format = useFormat();
  const count = useMall().basket.draft.lines.length;
  if (count === 0) return null;
  return (
    <span className="mall-badge" data-cart-count={count}>
      <span className="hidden">{t("mall.cart.count", { n: count })}</span>
      <span aria-hidden="true">{count > 99 ? "99+" : format.count(count)}</span>
    </span>
  );
}

/** That what is shown may be old, and what still works. */
function Away() {
  const { t } = useI18n();
  const online = useOnline();
  const { connection } = useLive();
  if (online && connection !== "offline") return <ConnectionBadge />;
  return (
    <p className="mall-away" role="status">
      {t("mall.offline")}
    </p>
  );
}

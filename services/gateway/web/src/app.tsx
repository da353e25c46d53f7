import { App as AntApp, ConfigProvider, theme } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import type { Transport } from "@connectrpc/connect";
import { lazy, useMemo, type ReactNode } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import type { Wire } from "./api/transport";
import { LocaleContext, useI18n } from "./i18n/i18n";
import { LiveProvider } from "./live/live";
import { PreferencesProvider, usePreferences } from "./session/preferences";
import { SessionProvider, useSession } from "./session/session";
import { SignIn } from "./session/sign-in";
import { Shell } from "./shell/shell";
import { antdComponents, antdTokens } from "./tokens";
import { useMedia, usePhone } from "./ui/media";
import { Empty } from "./ui/states";

const CockpitPage = lazy(() => import("./cockpit/cockpit-page"));
const OrdersPage = lazy(() => import("./orders/orders-page"));
const OrderPage = lazy(() => import("./orders/order-page"));
const NewOrderPage = lazy(() => import("./orders/new-order-page"));
const ProductsPage = lazy(() => import("./products/products-page"));
const DealersPage = lazy(() => import("./dealers/dealers-page"));
const HistoryPage = lazy(() => import("./history/history-page"));
const AuditPage = lazy(() => import("./audit/audit-page"));
const CallsPage = lazy(() => import("./audit/calls-page"));
const StoryPage = lazy(() => import("./audit/story-page"));
const SystemPage = lazy(() => import("./system/system-page"));

export function App({ connect }: { connect: (wire: Wire) => Transport }) {
  return (
    <PreferencesProvider>
      <Themed>
        <SessionProvider connect={connect}>
          <BrowserRouter>
            <Gate />
          </BrowserRouter>
        </SessionProvider>
      </Themed>
    </PreferencesProvider>
  );
}

function Themed({ children }: { children: ReactNode }) {
  const { locale, scheme } = usePreferences();
  const phone = usePhone();
  const still = useMedia("(prefers-reduced-motion: reduce)");
  useMemo(() => dayjs.locale(locale === "zh-CN" ? "zh-cn" : "en"), [locale]);
  const look = useMemo(
    () => ({
      algorithm: scheme === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
      // Pop-ups wait for the end of their motion; a style sheet that cuts it short loses them.
      token: { ...antdTokens(scheme, phone), motion: !still },
      components: antdComponents(scheme),
    }),
    [scheme, phone, still],
  );
  return (
    <LocaleContext.Provider value={locale}>
      <ConfigProvider
        theme={look}
        locale={locale === "zh-CN" ? zhCN : enUS}
        button={{ autoInsertSpace: false }}
      >
        <AntApp>{children}</AntApp>
      </ConfigProvider>
    </LocaleContext.Provider>
  );
}

function Gate() {
  const { session } = useSession();
  if (!session) return <SignIn />;
  return (
    // Nothing that one person was shown may stay for the next one.
    <LiveProvider key={`${session.user.tenantId}/${session.user.userId}`}>
      <Routes>
        <Route element={<Shell />}>
          <Route index element={<CockpitPage />} />
          <Route path="orders" element={<OrdersPage />} />
          <Route path="orders/new" element={<NewOrderPage />} />
          <Route path="orders/:id" element={<OrderPage />} />
          <Route path="products" element={<ProductsPage />} />
          <Route path="dealers" element={<DealersPage />} />
          <Route path="history/*" element={<HistoryPage />} />
          <Route path="audit" element={<AuditPage />} />
          <Route path="audit/calls" element={<CallsPage />} />
          <Route path="audit/story/:id" element={<StoryPage />} />
          <Route path="system" element={<SystemPage />} />
          <Route path="*" element={<NoSuchPage />} />
        </Route>
      </Routes>
    </LiveProvider>
  );
}

function NoSuchPage() {
  const { t } = useI18n();
  return <Empty title={t("state.noPage")} todo={t("state.noPage.todo")} />;
}

import { App as AntApp, ConfigProvider, theme } from "antd";
// Those of the modules that antd itself is made of: the others would be loaded besides.
import enUS from "antd/es/locale/en_US";
import zhCN from "antd/es/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import type { Transport } from "@connectrpc/connect";
import { lazy, Suspense, useEffect, useMemo, useRef, type ReactNode } from "react";
import { BrowserRouter, Navigate, Route, Routes, useNavigate } from "react-router";
import type { Wire } from "./api/transport";
import { LocaleContext, useI18n } from "./i18n/i18n";
import { LiveProvider } from "./live/live";
import { accentOf, BrandProvider, useBrand } from "./session/brand";
import { PreferencesProvider, usePreferences } from "./session/preferences";
import { personKey, SessionProvider, useSession, useUser } from "./session/session";
import { hasMall, navFor } from "./shell/pages";
import { Shell } from "./shell/shell";
import { MALL_PATH, prefersConsole } from "./shell/surface";
import { antdComponents, antdTokens } from "./tokens";
import { useMedia, usePhone } from "./ui/media";
import { Empty, Loading } from "./ui/states";

const Mall = lazy(() => import("./mall/mall"));
const CockpitPage = lazy(() => import("./cockpit/cockpit-page"));
const OrdersPage = lazy(() => import("./orders/orders-page"));
const OrderPage = lazy(() => import("./orders/order-page"));
const NewOrderPage = lazy(() => import("./orders/new-order-page"));
const FundsPage = lazy(() => import("./funds/funds-page"));
const DealerFundsPage = lazy(() => import("./funds/dealer-page"));
const PaymentsPage = lazy(() => import("./payments/payments-page"));
const PaymentPage = lazy(() => import("./payments/payment-page"));
const ReconciliationPage = lazy(() => import("./reconciliation/reconciliation-page"));
const StatementsPage = lazy(() => import("./statements/statements-page"));
const StatementPage = lazy(() => import("./statements/statement-page"));
const PaperPage = lazy(() => import("./statements/paper-page"));
const ShipmentsPage = lazy(() => import("./shipments/shipments-page"));
const ShipmentPage = lazy(() => import("./shipments/shipment-page"));
const PickPage = lazy(() => import("./shipments/pick-page"));
const AfterSalesPage = lazy(() => import("./after-sales/after-sales-page"));
const AfterSalePage = lazy(() => import("./after-sales/after-sale-page"));
const StockPage = lazy(() => import("./stock/stock-page"));
const PromotionsPage = lazy(() => import("./promotions/promotions-page"));
const PromotionPage = lazy(() => import("./promotions/promotion-page"));
const RebatesPage = lazy(() => import("./rebates/rebates-page"));
const RebatePage = lazy(() => import("./rebates/rebate-page"));
const RebateEditorPage = lazy(() => import("./rebates/editor-page"));
const PromotionEditorPage = lazy(() => import("./promotions/editor-page"));
const PricesPage = lazy(() => import("./prices/prices-page"));
const PriceListPage = lazy(() => import("./prices/price-list-page"));
const RulesPage = lazy(() => import("./range/rules-page"));
const RulePage = lazy(() => import("./range/rule-page"));
const ProductsPage = lazy(() => import("./products/products-page"));
const ProductPage = lazy(() => import("./products/product-page"));
const DealersPage = lazy(() => import("./dealers/dealers-page"));
const HistoryPage = lazy(() => import("./history/history-page"));
const AuditPage = lazy(() => import("./audit/audit-page"));
const CallsPage = lazy(() => import("./audit/calls-page"));
const StoryPage = lazy(() => import("./audit/story-page"));
const ConnectorsPage = lazy(() => import("./connectors/connectors-page"));
const SystemPage = lazy(() => import("./system/system-page"));
const SettingsPage = lazy(() => import("./settings/settings-page"));
const AccountPage = lazy(() => import("./account/account-page"));
// Who is signed in needs none of these, nor the fields for text that they are made of.
const SignIn = lazy(() => import("./session/sign-in").then(({ SignIn: component }) => ({ default: component })));
const SignInAgain = lazy(() => import("./session/sign-in-again").then(({ SignInAgain: component }) => ({ default: component })));
const FirstPassword = lazy(() => import("./session/first-password").then(({ FirstPassword: component }) => ({ default: component })));
const InvitePage = lazy(() => import("./join/invite-page"));
const ProviderPage = lazy(() => import("./join/provider-page"));
const PasswordPage = lazy(() => import("./join/password-page"));

export function App({ connect }: { connect: (wire: Wire) => Transport }) {
  return (
    <PreferencesProvider>
      <SessionProvider connect={connect}>
        <BrandProvider>
          <Themed>
            <BrowserRouter>
              <Suspense fallback={<Loading rows={8} />}>
                <Routes>
                  <Route path="invite/:token" element={<InvitePage />} />
                  <Route path="password/:token" element={<PasswordPage />} />
                  <Route path="oidc/callback" element={<ProviderPage />} />
                  <Route path="*" element={<Gate />} />
                </Routes>
              </Suspense>
            </BrowserRouter>
          </Themed>
        </BrandProvider>
      </SessionProvider>
    </PreferencesProvider>
  );
}

function Themed({ children }: { children: ReactNode }) {
  const { locale, scheme } = usePreferences();
  const { look: brand } = useBrand();
  const accent = accentOf(brand, scheme);
  const phone = usePhone();
  const still = useMedia("(prefers-reduced-motion: reduce)");
  useMemo(() => dayjs.locale(locale === "zh-CN" ? "zh-cn" : "en"), [locale]);
  const look = useMemo(
    () => ({
      algorithm: scheme === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
      // Pop-ups wait for the end of their motion; a style sheet that cuts it short loses them.
      token: { ...antdTokens(scheme, phone, accent), motion: !still },
      components: antdComponents(scheme),
    }),
    [scheme, phone, still, accent],
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

/** The cockpit, or where work begins in a company that does without it; of a dealer's phone, the mall. */
function Home() {
  const user = useUser();
  const phone = usePhone();
  const first = hasMall(user) && phone && !prefersConsole() ? MALL_PATH : (navFor(user)[0]?.to ?? "/");
  return first === "/" ? <CockpitPage /> : <Navigate to={first} replace />;
}

function Gate() {
  const { session, over } = useSession();
  const person = session && personKey(session.user);
  useLeaving(person);
  if (!person) return <SignIn />;
  if (session.user.passwordToBeChanged) return <FirstPassword />;
  return (
    // Nothing that one person was shown may stay for the next one.
    <LiveProvider key={person}>
      {over && (
        <Suspense>
          <SignInAgain />
        </Suspense>
      )}
      <Routes>
        <Route path="mall/*" element={<Mall />} />
        <Route path="shipments/:id/pick" element={<PickPage />} />
        <Route path="statements/:id/paper" element={<PaperPage />} />
        <Route element={<Shell />}>
          <Route index element={<Home />} />
          <Route path="orders" element={<OrdersPage />} />
          <Route path="orders/new" element={<NewOrderPage />} />
          <Route path="orders/:id" element={<OrderPage />} />
          <Route path="products" element={<ProductsPage />} />
          <Route path="products/:id" element={<ProductPage />} />
          <Route path="funds" element={<FundsPage />} />
          <Route path="funds/:dealerId" element={<DealerFundsPage />} />
          <Route path="payments" element={<PaymentsPage />} />
          <Route path="connectors" element={<ConnectorsPage />} />
          <Route path="payments/:id" element={<PaymentPage />} />
          <Route path="reconciliation/:area?" element={<ReconciliationPage />} />
          <Route path="statements" element={<StatementsPage />} />
          <Route path="statements/:id" element={<StatementPage />} />
          <Route path="shipments" element={<ShipmentsPage />} />
          <Route path="shipments/:id" element={<ShipmentPage />} />
          <Route path="after-sales" element={<AfterSalesPage />} />
          <Route path="after-sales/:id" element={<AfterSalePage />} />
          <Route path="stock" element={<StockPage />} />
          <Route path="rebates" element={<RebatesPage />} />
          <Route path="rebates/new" element={<RebateEditorPage />} />
          <Route path="rebates/:id" element={<RebatePage />} />
          <Route path="rebates/:id/edit" element={<RebateEditorPage />} />
          <Route path="promotions" element={<PromotionsPage />} />
          <Route path="promotions/new" element={<PromotionEditorPage />} />
          <Route path="promotions/:id" element={<PromotionPage />} />
          <Route path="promotions/:id/edit" element={<PromotionEditorPage />} />
          <Route path="prices" element={<PricesPage />} />
          <Route path="prices/:id" element={<PriceListPage />} />
          <Route path="range" element={<RulesPage />} />
          <Route path="range/new" element={<RulePage />} />
          <Route path="range/:id" element={<RulePage />} />
          <Route path="dealers" element={<DealersPage />} />
          <Route path="history/*" element={<HistoryPage />} />
          <Route path="audit" element={<AuditPage />} />
          <Route path="audit/calls" element={<CallsPage />} />
          <Route path="audit/story/:id" element={<StoryPage />} />
          <Route path="system" element={<SystemPage />} />
          <Route path="settings/:area?" element={<SettingsPage />} />
          <Route path="account" element={<AccountPage />} />
          <Route path="t/:tenant" element={<Navigate to="/" replace />} />
          <Route path="*" element={<NoSuchPage />} />
        </Route>
      </Routes>
    </LiveProvider>
  );
}

/** A page that somebody else opened, or the same person for another company, is not the next one's. */
function useLeaving(person: string | undefined) {
  const navigate = useNavigate();
  const before = useRef(person);
  useEffect(() => {
    const other = before.current && person && before.current !== person;
    before.current = person;
    if (other) void navigate("/", { replace: true });
  }, [person, navigate]);
}

function NoSuchPage() {
  const { t } = useI18n();
  return <Empty title={t("state.noPage")} todo={t("state.noPage.todo")} />;
}

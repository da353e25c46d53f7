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
import { withWords } from "./i18n/words";
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

const Mall = lazy(withWords(() => import("./mall/mall"), "trade", "money", "rules", "mall"));
const CockpitPage = lazy(withWords(() => import("./cockpit/cockpit-page"), "trade"));
const OrdersPage = lazy(withWords(() => import("./orders/orders-page"), "trade", "money", "rules"));
const OrderPage = lazy(withWords(() => import("./orders/order-page"), "trade", "money", "rules", "names"));
const NewOrderPage = lazy(withWords(() => import("./orders/new-order-page"), "trade", "money", "rules"));
const FundsPage = lazy(withWords(() => import("./funds/funds-page"), "trade", "money", "rules", "names"));
const DealerFundsPage = lazy(withWords(() => import("./funds/dealer-page"), "trade", "money", "rules", "names"));
const PaymentsPage = lazy(withWords(() => import("./payments/payments-page"), "trade", "money"));
const PaymentPage = lazy(withWords(() => import("./payments/payment-page"), "trade", "money", "names"));
const ReconciliationPage = lazy(withWords(() => import("./reconciliation/reconciliation-page"), "trade", "money"));
const StatementsPage = lazy(withWords(() => import("./statements/statements-page"), "trade", "money"));
const StatementPage = lazy(withWords(() => import("./statements/statement-page"), "trade", "money", "names"));
const PaperPage = lazy(withWords(() => import("./statements/paper-page"), "trade", "money"));
const ShipmentsPage = lazy(withWords(() => import("./shipments/shipments-page"), "trade", "money"));
const ShipmentPage = lazy(withWords(() => import("./shipments/shipment-page"), "trade", "money", "names"));
const PickPage = lazy(withWords(() => import("./shipments/pick-page"), "trade", "money"));
const AfterSalesPage = lazy(withWords(() => import("./after-sales/after-sales-page"), "trade", "money"));
const AfterSalePage = lazy(withWords(() => import("./after-sales/after-sale-page"), "trade", "money", "names"));
const StockPage = lazy(withWords(() => import("./stock/stock-page"), "trade", "money", "rules"));
const PromotionsPage = lazy(withWords(() => import("./promotions/promotions-page"), "trade", "rules"));
const PromotionPage = lazy(withWords(() => import("./promotions/promotion-page"), "trade", "rules", "names"));
const RebatesPage = lazy(withWords(() => import("./rebates/rebates-page"), "rules"));
const RebatePage = lazy(withWords(() => import("./rebates/rebate-page"), "rules", "names"));
const RebateEditorPage = lazy(withWords(() => import("./rebates/editor-page"), "trade", "rules"));
const PromotionEditorPage = lazy(withWords(() => import("./promotions/editor-page"), "trade", "rules"));
const PricesPage = lazy(withWords(() => import("./prices/prices-page"), "trade", "rules"));
const PriceListPage = lazy(withWords(() => import("./prices/price-list-page"), "trade", "rules", "names"));
const RulesPage = lazy(withWords(() => import("./range/rules-page"), "rules"));
const RulePage = lazy(withWords(() => import("./range/rule-page"), "trade", "rules"));
const ProductsPage = lazy(withWords(() => import("./products/products-page"), "trade", "rules"));
const ProductPage = lazy(withWords(() => import("./products/product-page"), "trade", "rules", "names"));
const DealersPage = lazy(withWords(() => import("./dealers/dealers-page"), "trade", "rules", "office"));
const HistoryPage = lazy(withWords(() => import("./history/history-page"), "trade", "office", "names"));
const AuditPage = lazy(withWords(() => import("./audit/audit-page"), "office", "names"));
const CallsPage = lazy(withWords(() => import("./audit/calls-page"), "office"));
const StoryPage = lazy(withWords(() => import("./audit/story-page"), "office", "names"));
const ConnectorsPage = lazy(withWords(() => import("./connectors/connectors-page"), "office"));
const SystemPage = lazy(withWords(() => import("./system/system-page"), "office", "names"));
const SettingsPage = lazy(withWords(() => import("./settings/settings-page"), "trade", "rules", "office", "names"));
const AccountPage = lazy(withWords(() => import("./account/account-page"), "office"));
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

// The storefront of a brand for its dealers: a face of its own over the same rpcs, phone first.
import { lazy, Suspense, useEffect } from "react";
import { Navigate, Route, Routes } from "react-router";
import { useUser } from "../session/session";
import { hasMall } from "../shell/pages";
import { MALL_PATH, SurfaceContext, type Surface } from "../shell/surface";
import { Loading } from "../ui/states";
import { MallProvider } from "./mall-state";
import { MallShell } from "./mall-shell";
import { useInstallable } from "./pwa";
import "./mall.css";
import "./mall-goods.css";
import "./mall-orders.css";

const PAGES = {
  home: () => import("./home-page"),
  categories: () => import("./categories-page"),
  search: () => import("./search-page"),
  product: () => import("./product-page"),
  cart: () => import("./cart-page"),
  orders: () => import("./my-orders-page"),
  order: () => import("./my-order-page"),
  shipment: () => import("./my-shipment-page"),
  afterSale: () => import("./my-case-page"),
  me: () => import("./me-page"),
  entries: () => import("./entries-page"),
  rebates: () => import("./my-rebates-page"),
  statements: () => import("./my-statements-page"),
  statement: () => import("./my-statement-page"),
};

const HomePage = lazy(PAGES.home);
const CategoriesPage = lazy(PAGES.categories);
const SearchPage = lazy(PAGES.search);
const ProductPage = lazy(PAGES.product);
const CartPage = lazy(PAGES.cart);
const MyOrdersPage = lazy(PAGES.orders);
const MyOrderPage = lazy(PAGES.order);
const MyShipmentPage = lazy(PAGES.shipment);
const MyCasePage = lazy(PAGES.afterSale);
const MePage = lazy(PAGES.me);
const EntriesPage = lazy(PAGES.entries);
const MyRebatesPage = lazy(PAGES.rebates);
const MyStatementsPage = lazy(PAGES.statements);
const MyStatementPage = lazy(PAGES.statement);

/** After the first page the others are fetched, small as they are: they open at once, and offline. */
const FETCH_MS = 3_000;

const SURFACE: Surface = { orders: `${MALL_PATH}/orders`, shipments: `${MALL_PATH}/shipments`, afterSales: `${MALL_PATH}/after-sales`, statements: `${MALL_PATH}/statements` };

export default function Mall() {
  // People of the brand sell here, and do not buy.
  if (!hasMall(useUser())) return <Navigate to="/" replace />;
  return (
    <SurfaceContext.Provider value={SURFACE}>
      <MallProvider>
        <Pages />
      </MallProvider>
    </SurfaceContext.Provider>
  );
}

function Pages() {
  useInstallable();
  useEffect(() => {
    const fetchAll = () => Object.values(PAGES).forEach((load) => void load().catch(() => undefined));
    const timer = setTimeout(fetchAll, FETCH_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Suspense fallback={<Loading rows={8} />}>
      <Routes>
        <Route element={<MallShell />}>
          <Route index element={<HomePage />} />
          <Route path="categories" element={<CategoriesPage />} />
          <Route path="search" element={<SearchPage />} />
          <Route path="products/:id" element={<ProductPage />} />
          <Route path="cart" element={<CartPage />} />
          <Route path="orders" element={<MyOrdersPage />} />
          <Route path="orders/:id" element={<MyOrderPage />} />
          <Route path="shipments/:id" element={<MyShipmentPage />} />
          <Route path="after-sales/:id" element={<MyCasePage />} />
          <Route path="me" element={<MePage />} />
          <Route path="me/funds" element={<EntriesPage />} />
          <Route path="me/rebates" element={<MyRebatesPage />} />
          <Route path="statements" element={<MyStatementsPage />} />
          <Route path="statements/:id" element={<MyStatementPage />} />
          <Route path="*" element={<Navigate to={MALL_PATH} replace />} />
        </Route>
      </Routes>
    </Suspense>
  );
}

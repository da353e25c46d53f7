import { SearchOutlined } from "@ant-design/icons";
import { Link } from "react-router";
import { useI18n } from "../i18n/i18n";
import { MALL_PATH } from "../shell/surface";
import { useFormat } from "../ui/format";
import { Empty, Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { useMall, type Catalogue } from "./mall-state";
import { MallPage } from "./mall-page";
import { ProductList } from "./product-row";
import { inPart } from "./range";
import { useOffers } from "./use-offers";

export default function CategoriesPage() {
  const { t } = useI18n();
  const { catalogue } = useMall();
  return (
    <MallPage
      title={t("mall.categories")}
      className="mall-categories"
      extra={
        <Link to={`${MALL_PATH}/search`} className="mall-head-way" aria-label={t("mall.search")}>
          <SearchOutlined />
        </Link>
      }
    >
      <QueryView
        query={catalogue}
        skeleton={<Loading rows={10} />}
        isEmpty={(range) => range.products.length === 0}
        empty={<Empty title={t("mall.range.none")} todo={t("mall.range.none.todo")} />}
      >
        {(range) => <Shelves range={range} />}
      </QueryView>
    </MallPage>
  );
}

/** Categories on the left, what is in the chosen one on the right. */
function Shelves({ range }: { range: Catalogue }) {
  const { t } = useI18n();
  const format = useFormat();
  const [params, change] = useUrlParams();
  const chosen = range.categories.find(({ name }) => name === params.get("c")) ?? range.categories[0];
  if (!chosen) return null;
  const part = chosen.parts.find((one) => one === params.get("s")) ?? "";
  const choose = (changes: Record<string, string>) => {
    change(changes, { replace: true });
    document.getElementById("content")?.scrollTo({ top: 0 });
  };
  return (
    <div className="shelves">
      <nav className="shelf-rail" aria-label={t("mall.categories")}>
        {range.categories.map(({ name, products }) => (
          <button
            key={name}
            type="button"
            className={name === chosen.name ? "on" : ""}
            aria-pressed={name === chosen.name}
            onClick={() => choose({ c: name, s: "" })}
          >
            {name}
            <span className="soft">{format.count(products.length)}</span>
          </button>
        ))}
      </nav>
      <div className="shelf">
        {chosen.parts.length > 0 && (
          <div className="chips" role="group" aria-label={chosen.name}>
            {["", ...chosen.parts].map((one) => (
              <button
                key={one}
                type="button"
                className={one === part ? "chip chip-on" : "chip"}
                aria-pressed={one === part}
                onClick={() => choose({ s: one })}
              >
                {one || t("filter.all")}
              </button>
            ))}
          </div>
        )}
        <Offered category={chosen.name} />
        <ProductList products={inPart(chosen.products, part)} label={part || chosen.name} />
      </div>
    </div>
  );
}

/** The promotions that something in the category is part of. */
function Offered({ category }: { category: string }) {
  const { t } = useI18n();
  const offers = (useOffers().data ?? []).filter(({ categories }) => categories.includes(category));
  if (offers.length === 0) return null;
  return (
    <p className="shelf-offers">
      <span className="tag tag-gift">{t("mall.offers.short")}</span> {offers.map(({ name }) => name).join(t("promotion.and"))}
    </p>
  );
}

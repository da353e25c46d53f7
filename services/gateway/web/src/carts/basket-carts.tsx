import { CopyOutlined, FolderOpenOutlined, SaveOutlined, ThunderboltOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import type { Draft } from "../orders/draft";
import { CartsDialog } from "./carts-dialog";
import { withGoods, type Goods, type Meeting } from "./goods";
import { PasteDialog } from "./paste-dialog";
import { SaveDialog } from "./save-dialog";
import { SuggestDialog } from "./suggest-dialog";
import { useKeepsCarts } from "./use-carts";
import { useToldFilled } from "./use-told-filled";

interface Props {
  draft: Draft;
  setDraft: (draft: Draft) => void;
}

type Open = "carts" | "save" | "suggest" | "paste";

/** What else than choosing products fills a basket, and where it is kept. */
export function BasketCarts({ draft, setDraft }: Props) {
  const { t } = useI18n();
  const keeps = useKeepsCarts();
  const told = useToldFilled();
  const [open, setOpen] = useState<Open>();
  if (!keeps) return null;
  const close = () => setOpen(undefined);
  const put = (goods: Goods[], products: Map<string, Product>, meeting: Meeting) => {
    const filled = withGoods(draft, goods, products, meeting);
    setDraft(filled.draft);
    told(filled, goods.length);
    close();
  };
  const nobody = draft.dealerId === "";
  const { cart: _, ...loose } = draft;
  return (
    <div className="basket-carts">
      {draft.cart && (
        <p className="basket-cart" data-cart={draft.cart.cartId}>
          <span>{t("carts.of", { name: draft.cart.name })}</span>
          <Button type="link" size="small" onClick={() => setDraft(loose)}>
            {t("carts.detach")}
          </Button>
        </p>
      )}
      <div className="basket-carts-acts">
        <Button icon={<FolderOpenOutlined />} disabled={nobody} onClick={() => setOpen("carts")}>
          {t("carts.mine")}
        </Button>
        <Button icon={<SaveOutlined />} disabled={nobody || draft.lines.length === 0} onClick={() => setOpen("save")}>
          {t("carts.save")}
        </Button>
        <Button icon={<ThunderboltOutlined />} disabled={nobody} onClick={() => setOpen("suggest")}>
          {t("carts.suggest")}
        </Button>
        <Button icon={<CopyOutlined />} disabled={nobody} onClick={() => setOpen("paste")}>
          {t("carts.paste")}
        </Button>
      </div>
      {open === "carts" && <CartsDialog draft={draft} setDraft={setDraft} onPut={put} onClose={close} />}
      {open === "save" && <SaveDialog draft={draft} onClose={close} onKept={(cart) => setDraft({ ...loose, ...(cart && { cart }) })} />}
      {open === "suggest" && <SuggestDialog dealerId={draft.dealerId} onPut={put} onClose={close} />}
      {open === "paste" && <PasteDialog dealerId={draft.dealerId} onPut={put} onClose={close} />}
    </div>
  );
}

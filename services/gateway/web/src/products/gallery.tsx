import { useState } from "react";
import { useI18n } from "../i18n/i18n";
import { ProductPicture } from "./picture";

/** The pictures of a product: one large, all of them small below. */
export function Gallery({ ids, name }: { ids: string[]; name: string }) {
  const { t } = useI18n();
  const [chosen, setChosen] = useState("");
  const shown = ids.includes(chosen) ? chosen : (ids[0] ?? "");
  return (
    <div className="gallery" data-pictures={ids.length}>
      <ProductPicture key={shown} id={shown} name={name} as="preview" className="large" />
      {ids.length > 1 && (
        <div className="gallery-row">
          {ids.map((id, index) => (
            <button
              key={id}
              type="button"
              aria-label={t("product.picture.n", { n: index + 1 })}
              aria-current={id === shown}
              onClick={() => setChosen(id)}
            >
              <ProductPicture id={id} name="" className="small" />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

import { DeleteOutlined, LeftOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { PICTURES, UploadBox } from "../files/upload-box";
import { useTransfers } from "../files/use-transfers";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { useI18n } from "../i18n/i18n";
import { FormDialog } from "../ui/form-dialog";
import type { DialogProps } from "./describe-dialog";
import { ProductPicture } from "./picture";
import { useProductCommand } from "./use-product-command";

const MOST = 9;

/** Uploads pictures of a product and puts them in order, the main one first. */
export default function PicturesDialog(props: DialogProps) {
  const { told, onClose } = props;
  const { t } = useI18n();
  const service = useClient(ProductService);
  const productId = told.product?.productId ?? "";
  const [ids, setIds] = useState(told.pictureIds);
  const about = { purpose: "product-picture", object: { kind: "product", id: productId } } as const;
  const transfers = useTransfers(about, ({ fileId }) => setIds((before) => [...before, fileId].slice(0, MOST)));
  const command = useProductCommand(props);
  const submit = () => void command.run(ids, (asked) => service.arrangeProductPictures({ ...asked, pictureIds: ids }));
  const earlier = (index: number) =>
    setIds((before) => {
      const next = [...before];
      const [moved] = next.splice(index, 1);
      if (moved) next.splice(index - 1, 0, moved);
      return next;
    });
  return (
    <FormDialog
      title={t("product.pictures.edit")}
      okText={t("classes.define.save")}
      wide
      ready={transfers.all.every(({ stage }) => stage === "failed")}
      command={command}
      fields={["picture_ids"]}
      onClose={onClose}
      onOk={submit}
    >
      <p className="soft">{t("product.pictures.note", { n: MOST })}</p>
      <ul className="picture-list" aria-label={t("product.pictures")}>
        {ids.map((id, index) => (
          <li key={id} data-picture-id={id}>
            <ProductPicture id={id} name={t("product.picture.n", { n: index + 1 })} />
            <span className="soft">{index === 0 ? t("product.picture.main") : index + 1}</span>
            <span>
              {index > 0 && <Button type="text" icon={<LeftOutlined />} aria-label={t("product.picture.earlier", { n: index + 1 })} onClick={() => earlier(index)} />}
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("product.picture.remove", { n: index + 1 })}
                onClick={() => setIds((before) => before.filter((one) => one !== id))}
              />
            </span>
          </li>
        ))}
      </ul>
      {ids.length < MOST && (
        <UploadBox transfers={transfers} accept={PICTURES} label={t("product.pictures.add")} hint={t("product.pictures.hint")} several />
      )}
    </FormDialog>
  );
}

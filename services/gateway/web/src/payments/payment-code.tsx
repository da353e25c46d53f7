import { QRCodeSVG } from "@rc-component/qrcode";
import { useI18n } from "../i18n/i18n";

/** A code for the camera of the phone that pays: black on white, whichever way the page looks. */
export default function PaymentCode({ url }: { url: string }) {
  const { t } = useI18n();
  return (
    <div className="pay-code">
      <QRCodeSVG title={t("online.code")} value={url} size={208} marginSize={1} level="M" fgColor="#000000" bgColor="#ffffff" />
    </div>
  );
}

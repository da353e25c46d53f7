"""Other people's clients against the simulator: wechatpayv3 and python-alipay-sdk call it, verify
its answers, and read the notices that it sends.

    python cross_check.py target/debug/examples/serve

Run by `make providers`.
"""

import json
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

from alipay import AliPay
from wechatpayv3 import WeChatPay, WeChatPayType

PATIENCE_S = 30


def start(executable):
    """The simulator, its address, and a queue of the notices that came."""
    process = subprocess.Popen(
        [executable, "127.0.0.1:0", "900"], stdout=subprocess.PIPE, text=True
    )
    base = process.stdout.readline().strip()
    came = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            came.put((dict(self.headers), body))
            answer = b"success" if self.path == "/alipay" else b'{"code":"SUCCESS"}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return process, base, f"http://127.0.0.1:{server.server_port}", came


def fetch(address, form=None):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(address, data, timeout=PATIENCE_S) as answer:
        return answer.read()


def same(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def check_wechat(base, receiver, came, config):
    client = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=config["mch_id"],
        private_key=config["private_key"],
        cert_serial_no=config["serial_no"],
        appid=config["app_id"],
        apiv3_key=config["api_v3_key"],
        notify_url=f"{receiver}/wechat_pay",
        public_key=config["platform_keys"][0]["pem"],
        public_key_id=config["platform_keys"][0]["id"],
    )
    client._core._gate_way = base
    charge = {
        "description": "两双红色雨鞋",
        "out_trade_no": "PYWX000001",
        "amount": {"total": 8888, "currency": "CNY"},
    }
    status, told = client.pay(**charge)
    same(status, 200)
    page = json.loads(told)["code_url"]
    status, told = client.query(out_trade_no="PYWX000001")
    same((status, json.loads(told)["trade_state"]), (200, "NOTPAY"))
    fetch(page, {"action": "pay"})
    headers, body = came.get(timeout=PATIENCE_S)
    same(client.callback({key.lower(): value for key, value in headers.items()}, body[:-1] + b" "), None)
    notice = client.callback({key.lower(): value for key, value in headers.items()}, body)
    same(notice["event_type"], "TRANSACTION.SUCCESS")
    same(notice["resource"]["out_trade_no"], "PYWX000001")
    same(notice["resource"]["amount"]["total"], 8888)
    status, told = client.pay(**charge)
    same((status, json.loads(told)["code"]), (400, "ORDERPAID"))
    status, told = client.close(out_trade_no="PYWX000001")
    same((status, json.loads(told)["code"]), (400, "ORDERPAID"))
    status, told = client.refund(
        out_refund_no="PYREF1",
        out_trade_no="PYWX000001",
        amount={"refund": 888, "total": 8888, "currency": "CNY"},
        reason="缺货",
        notify_url=f"{receiver}/wechat_pay",
    )
    same((status, json.loads(told)["status"]), (200, "PROCESSING"))
    headers, body = came.get(timeout=PATIENCE_S)
    notice = client.callback({key.lower(): value for key, value in headers.items()}, body)
    same(notice["event_type"], "REFUND.SUCCESS")
    same(notice["resource"]["amount"]["refund"], 888)
    status, told = client.query_refund(out_refund_no="PYREF1")
    same((status, json.loads(told)["status"]), (200, "SUCCESS"))
    status, told = client.query(out_trade_no="PYWX999999")
    same((status, json.loads(told)["code"]), (404, "ORDER_NOT_EXIST"))


def check_alipay(base, receiver, came, config):
    client = AliPay(
        appid=config["app_id"],
        app_notify_url=f"{receiver}/alipay",
        app_private_key_string=config["private_key"],
        alipay_public_key_string=config["alipay_public_key"],
        sign_type="RSA2",
    )
    client._gateway = config["gateway"]
    charge = {"out_trade_no": "PYALI000001", "total_amount": 88.88, "subject": "两双红色雨鞋"}
    told = client.api_alipay_trade_precreate(**charge)
    same(told["code"], "10000")
    same(client.api_alipay_trade_query(out_trade_no="PYALI000001")["sub_code"], "ACQ.TRADE_NOT_EXIST")
    fetch(told["qr_code"])
    same(client.api_alipay_trade_query(out_trade_no="PYALI000001")["trade_status"], "WAIT_BUYER_PAY")
    fetch(told["qr_code"], {"action": "pay"})
    fields = notice(client, came)
    same((fields["trade_status"], fields["total_amount"]), ("TRADE_SUCCESS", "88.88"))
    same(client.api_alipay_trade_close(out_trade_no="PYALI000001")["sub_code"], "ACQ.TRADE_STATUS_ERROR")
    refund = {"out_trade_no": "PYALI000001", "refund_amount": "8.88", "out_request_no": "PYREF1"}
    same(client.api_alipay_trade_refund(**refund)["fund_change"], "Y")
    same(client.api_alipay_trade_refund(**refund)["fund_change"], "N")
    fields = notice(client, came)
    same((fields["refund_fee"], fields["out_biz_no"]), ("8.88", "PYREF1"))
    found = client.api_alipay_trade_fastpay_refund_query("PYREF1", out_trade_no="PYALI000001")
    same(found["refund_status"], "REFUND_SUCCESS")
    link = client.client_api(
        "alipay.trade.wap.pay",
        {"out_trade_no": "PYALI000002", "total_amount": "1.00", "subject": "一顶", "product_code": "QUICK_WAP_WAY"},
    )
    assert "一顶".encode() in fetch(f"{config['gateway']}?{link}")


def notice(client, came):
    """A notice's fields, after one was changed in vain."""
    _, body = came.get(timeout=PATIENCE_S)
    fields = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    sign = fields.pop("sign")
    changed = {**fields, "total_amount": "0.01"}
    same(client.verify(changed, sign), False)
    same(client.verify(fields, sign), True)
    return fields


def main():
    process, base, receiver, came = start(sys.argv[1])
    try:
        ours = json.loads(fetch(f"{base}/simulator/merchants"))["ours"]
        check_wechat(base, receiver, came, ours["wechat_pay"])
        check_alipay(base, receiver, came, ours["alipay"])
    finally:
        process.kill()
    print("wechatpayv3 and python-alipay-sdk agree with the simulator")


if __name__ == "__main__":
    main()

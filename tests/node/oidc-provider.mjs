// An identity provider for tests: oidc-provider as it is, with people who are whoever they say.
// It prints one line when it listens. What a bad provider would do to its tokens is asked for by
// POST /test/<what>: the token is changed on its way out, and signed again with the provider's key.
//
//   node oidc-provider.mjs <port> <redirect uri>

import { createServer } from "node:http";
import { CompactSign, decodeJwt, exportJWK, generateKeyPair, importJWK } from "jose";
import Provider from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function freshKey() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: `k${Date.now()}` };
}

let key;
let provider;
let wrong = "";

async function begin() {
  key = await freshKey();
  provider = new Provider(issuer, {
    clients: [
      {
        client_id: "qudao",
        client_secret: "a secret that only both know",
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ["only for tests"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.com` }) }),
  });
  // It says with each page that its own forms are for development only.
  provider.on("server_error", (_, error) => console.error(error));
}

async function changed(token) {
  const claims = decodeJwt(token);
  const header = { alg: "RS256", typ: "JWT", kid: key.kid };
  if (wrong === "nonce") claims.nonce = "another one";
  if (wrong === "audience") claims.aud = "another-client";
  if (wrong === "party") [claims.aud, claims.azp] = [["qudao", "another-client"], "another-client"];
  if (wrong === "issuer") claims.iss = "https://attacker.example";
  if (wrong === "expired") claims.exp = Math.floor(Date.now() / 1000) - 3600;
  if (wrong === "none") return `${base64({ alg: "none" })}.${base64(claims)}.`;
  if (wrong === "hs256") {
    const secret = new TextEncoder().encode("a secret that only both know");
    return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: "HS256" }).sign(secret);
  }
  const by = wrong === "key" ? await freshKey() : key;
  const signer = await importJWK(by, "RS256");
  return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(signer);
}

// The answer of the token endpoint with another ID token in it.
function changing(response) {
  const end = response.end.bind(response);
  response.end = (body) => {
    const answer = JSON.parse(body.toString());
    if (!answer.id_token) return end(body);
    changed(answer.id_token).then((token) => {
      const text = JSON.stringify({ ...answer, id_token: token });
      response.setHeader("content-length", Buffer.byteLength(text));
      end(text);
    });
    return response;
  };
}

await begin();
createServer(async (request, response) => {
  const test = request.url.match(/^\/test\/([a-z0-9]+)$/);
  if (test && request.method === "POST") {
    if (test[1] === "rotate") await begin();
    else wrong = test[1] === "good" ? "" : test[1];
    return response.end("done");
  }
  if (wrong && request.url.startsWith("/token")) changing(response);
  return provider.callback()(request, response);
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));

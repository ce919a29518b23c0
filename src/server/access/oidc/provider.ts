import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as client from 'openid-client';
import { messageOf, UserError } from '../../../errors.ts';
import type { OidcSettings } from '../../../spec/controller.ts';

/** Longest wait for an answer of the provider, in seconds. */
const timeoutS = 10;
/** How far the clocks of provider and controller may differ, in seconds. */
const clockToleranceS = 60;
/** How long somebody may take at the provider. */
const beginMs = 600_000;
/** People who are at the provider at once. Of more, the one who left first has to begin again. */
const begunMax = 1_000;

/** Somebody on their way through the provider. */
type Begun = { readonly verifier: string; readonly nonce: string; readonly redirectUri: string; readonly untilMs: number };

/** Who the provider says that somebody is. */
export type Identity = { readonly subject: string; readonly claims: Readonly<Record<string, unknown>> };

/**
 * An OpenID provider: the authorization code flow with PKCE, state and nonce. Its configuration is found when it is first needed, so a
 * provider that is away keeps no controller from starting.
 *
 * @see OpenID Connect Core 1.0; RFC 7636 (PKCE); RFC 9700 (Best Current Practice for OAuth 2.0 Security).
 */
export class OidcProvider {
  readonly settings: OidcSettings;
  readonly #secret: string;
  readonly #now: () => number;
  readonly #begun = new Map<string, Begun>();
  #found: Promise<client.Configuration> | null = null;

  /**
   * @param environment - Where the client's secret is, when the document says so.
   * @param now - Unix milliseconds.
   * @throws UserError `E_SECRET_MISSING`.
   */
  constructor(settings: OidcSettings, environment: Readonly<Record<string, string | undefined>>, now: () => number) {
    this.settings = settings;
    this.#secret = secretOf(settings, environment);
    this.#now = now;
  }

  /**
   * Begins a sign-in.
   *
   * @returns Where to send the browser, and the `state` that it has to come back with.
   * @throws UserError `E_OIDC_UNREACHABLE`.
   */
  async begin(redirectUri: string): Promise<{ readonly url: string; readonly state: string }> {
    const configuration = await this.#configuration();
    const state = randomBytes(24).toString('base64url');
    const nonce = client.randomNonce();
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.settings.scopes.join(' '),
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    for (const [oldest, { untilMs }] of this.#begun) {
      if (untilMs > this.#now() && this.#begun.size < begunMax) break;
      this.#begun.delete(oldest);
    }
    this.#begun.set(state, { verifier, nonce, redirectUri, untilMs: this.#now() + beginMs });
    return { url: url.href, state };
  }

  /**
   * Ends a sign-in: exchanges the code of the browser's way back for who it is. A state is good once.
   *
   * @param query - The query of the way back, with its question mark.
   * @param state - The state that this very browser was sent away with.
   * @throws UserError `E_SIGN_IN_REFUSED`, `E_OIDC_UNREACHABLE`.
   */
  async end(query: string, state: string | undefined): Promise<Identity> {
    const begun = state === undefined ? undefined : this.#begun.get(state);
    if (state === undefined || !begun || begun.untilMs <= this.#now())
      throw refused('this sign-in was not begun here, or too long ago', 'begin again on the sign-in page');
    this.#begun.delete(state);
    const configuration = await this.#configuration();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(query, begun.redirectUri), {
        pkceCodeVerifier: begun.verifier,
        expectedState: state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('the provider sent no ID token');
      // What the token says is signed, so it counts where both say something.
      const more = await this.#userInfo(configuration, tokens.access_token, claims.sub);
      return { subject: `${claims.iss} ${claims.sub}`, claims: { ...more, ...claims } };
    } catch (error) {
      if (error instanceof UserError) throw error;
      // Whoever begins again may find another provider, such as one with new keys.
      if (isNetworkError(error)) this.#found = null;
      throw refused(
        `${this.settings.name} did not confirm the sign-in: ${reasonOf(error)}`,
        'begin again on the sign-in page',
        error,
      );
    }
  }

  /**
   * What the provider says of somebody at its UserInfo endpoint: with the code flow many have names and groups there and not in the ID
   * token (OpenID Connect Core 1.0, 5.4). When it fails nobody is let in: without their groups they would lose what they may.
   */
  async #userInfo(configuration: client.Configuration, accessToken: string, subject: string): Promise<Record<string, unknown>> {
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
    return { ...(await client.fetchUserInfo(configuration, accessToken, subject)) };
  }

  /** Whether the provider can be reached now; its reason when it cannot. */
  async reach(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    try {
      this.#found = null;
      const { issuer } = (await this.#configuration()).serverMetadata();
      return { ok: true, detail: issuer };
    } catch (error) {
      return { ok: false, detail: messageOf(error) };
    }
  }

  async #configuration(): Promise<client.Configuration> {
    this.#found ??= this.#discover();
    try {
      return await this.#found;
    } catch (error) {
      this.#found = null;
      throw error;
    }
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId } = this.settings;
    // Plain HTTP only where nothing leaves the machine.
    const isLocal = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(issuer);
    try {
      const metadata = { client_secret: this.#secret, [client.clockTolerance]: clockToleranceS };
      const execute = isLocal ? { execute: [client.allowInsecureRequests] } : {};
      return await client.discovery(new URL(issuer), clientId, metadata, client.ClientSecretBasic(this.#secret), {
        timeout: timeoutS,
        ...execute,
      });
    } catch (error) {
      throw new UserError('E_OIDC_UNREACHABLE', `${this.settings.name} cannot be asked: ${reasonOf(error)}`, {
        where: issuer,
        fix: 'check the issuer of the Controller document and the network; sign in with a password meanwhile',
        cause: error,
      });
    }
  }
}

function secretOf({ clientSecret }: OidcSettings, environment: Readonly<Record<string, string | undefined>>): string {
  const missing = (what: string, cause?: unknown) =>
    new UserError('E_SECRET_MISSING', what, {
      where: 'spec.oidc.clientSecret',
      fix: 'put it there before the controller starts',
      cause,
    });
  if ('env' in clientSecret) {
    const found = environment[clientSecret.env];
    if (found === undefined || found === '') throw missing(`the environment variable ${clientSecret.env} is not set`);
    return found;
  }
  try {
    const found = readFileSync(clientSecret.file, 'utf8').trim();
    if (found !== '') return found;
  } catch (error) {
    throw missing(`cannot read ${clientSecret.file}: ${messageOf(error)}`, error);
  }
  throw missing(`${clientSecret.file} is empty`);
}

function refused(what: string, fix: string, cause?: unknown): UserError {
  return new UserError('E_SIGN_IN_REFUSED', what, { where: 'sign-in', fix, cause });
}

/** The reason that the library and `fetch` hide behind theirs, in one line. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof client.AuthorizationResponseError) return error.error_description ?? error.error;
  if (error instanceof client.ResponseBodyError) return error.error_description ?? error.error;
  const inner = error.cause instanceof Error ? error.cause : error;
  return (inner.message || error.message).split('\n')[0]?.slice(0, 300) ?? error.name;
}

function isNetworkError(error: unknown): boolean {
  return (
    error instanceof TypeError || (error instanceof Error && (error.name === 'TimeoutError' || error.cause instanceof TypeError))
  );
}

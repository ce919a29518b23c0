/** What a kind of secret looks like. */
export type Rule = {
  /** Short name, as findings and fingerprints have it. */
  readonly id: string;
  /** Texts of which one stands in whatever has such a secret: looking for these first is a hundred times faster. */
  readonly keywords: readonly string[];
  /** Global; its group `secret` is the secret, or all that it matches. Bounded, so that a long line takes no more than its length. */
  readonly pattern: RegExp;
};

const known = (id: string, keywords: readonly string[], pattern: RegExp): Rule => ({ id, keywords, pattern });

/** Secrets whose form says what they are. */
export const rules: readonly Rule[] = [
  known(
    'aws-access-key',
    ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    /(?<![A-Za-z0-9/+=])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9/+=])/g,
  ),
  known(
    'aws-secret-key',
    ['aws', 'AWS', 'Aws'],
    /aws[\w.-]{0,20}(?:secret|sk)[\w.-]{0,20}["']?\s{0,5}[:=]{1,2}>?\s{0,5}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  ),
  known('github-token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /\bgh[pousr]_[A-Za-z0-9]{36,251}\b/g),
  known('github-token', ['github_pat_'], /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g),
  known(
    'gitlab-token',
    ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glft-', 'glsoat-', 'glagent-'],
    /\bgl(?:pat|dt|rt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,100}(?![\w-])/g,
  ),
  known(
    'slack-token',
    ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe'],
    /\bxox[abprse](?:\.xox[bp])?-(?:\d-)?[A-Za-z0-9-]{20,200}\b/g,
  ),
  known('slack-token', ['xapp-'], /\bxapp-\d-[A-Z0-9]{8,15}-\d{8,16}-[a-f0-9]{40,80}\b/g),
  known(
    'slack-webhook',
    ['hooks.slack.com'],
    /hooks\.slack\.com\/(?:services|workflows)\/(?<secret>[A-Z0-9]{8,12}\/[A-Z0-9]{8,12}\/[A-Za-z0-9]{20,50})/g,
  ),
  known('discord-webhook', ['/api/webhooks/'], /discord(?:app)?\.com\/api\/webhooks\/(?<secret>\d{15,22}\/[\w-]{60,80})/g),
  known('stripe-key', ['sk_live_', 'rk_live_', 'sk_test_', 'rk_test_'], /\b[sr]k_(?:live|test)_[A-Za-z0-9]{20,250}\b/g),
  known('stripe-webhook', ['whsec_'], /\bwhsec_[A-Za-z0-9+/=]{32,100}/g),
  known('google-api-key', ['AIza'], /(?<![\w-])AIza[A-Za-z0-9_-]{35}(?![\w-])/g),
  known('google-oauth-secret', ['GOCSPX-'], /\bGOCSPX-[A-Za-z0-9_-]{28}(?![\w-])/g),
  known('google-oauth-token', ['ya29.'], /\bya29\.[A-Za-z0-9_-]{60,1000}/g),
  known('npm-token', ['npm_'], /\bnpm_[A-Za-z0-9]{36}\b/g),
  known('npm-token', ['_authToken'], /:_authToken\s{0,3}=\s{0,3}(?<secret>[A-Za-z0-9_+/=.-]{20,500})/g),
  known('pypi-token', ['pypi-AgEI'], /\bpypi-AgEI[A-Za-z0-9_-]{50,500}/g),
  known('telegram-token', [':AA'], /(?<![\w:])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])/g),
  known('sendgrid-key', ['SG.'], /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![\w-])/g),
  known('mailgun-key', ['key-'], /mailgun.{0,40}(?<secret>\bkey-[a-f0-9]{32}\b)/gi),
  known('twilio-key', ['SK'], /twilio.{0,40}(?<secret>\bSK[a-f0-9]{32}\b)/gi),
  known('openai-key', ['T3BlbkFJ'], /\bsk-(?:[a-z]{1,10}-)?[A-Za-z0-9_-]{10,120}T3BlbkFJ[A-Za-z0-9_-]{10,120}/g),
  known('anthropic-key', ['sk-ant-'], /\bsk-ant-[a-z]{2,6}\d{2}-[A-Za-z0-9_-]{60,130}/g),
  known('huggingface-token', ['hf_'], /\bhf_[A-Za-z]{34}\b/g),
  known('vault-token', ['hvs.', 'hvb.'], /\bhv[sb]\.[A-Za-z0-9_-]{24,300}/g),
  known('docker-token', ['dckr_pat_'], /\bdckr_pat_[A-Za-z0-9_-]{27,60}/g),
  known('digitalocean-token', ['dop_v1_', 'doo_v1_', 'dor_v1_'], /\bdo[opr]_v1_[a-f0-9]{64}\b/g),
  known('azure-storage-key', ['AccountKey='], /AccountKey=(?<secret>[A-Za-z0-9+/]{86}==)/g),
  known('shopify-token', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g),
  known('grafana-token', ['glsa_', 'glc_'], /\b(?:glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/=]{60,400})/g),
  known('new-relic-key', ['NRAK-'], /\bNRAK-[A-Z0-9]{27}\b/g),
  known('age-key', ['AGE-SECRET-KEY-1'], /\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b/g),
  known('rampart-token', ['rmp_'], /\brmp_[A-Za-z0-9_-]{32,100}/g),
  known(
    'private-key',
    ['PRIVATE KEY'],
    // A page that only names the line has no key below it.
    /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[\s"'`,]|(?:Proc-Type|DEK-Info|Version|Comment): [^\n\\]{0,200}){1,50}(?<secret>[A-Za-z0-9+/=]{40,})/g,
  ),
  known('jwt', ['eyJ'], /(?<![\w-])eyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}/g),
  known(
    'connection-string',
    ['://'],
    /\b(?<scheme>[a-z][a-z0-9+.-]{1,20}):\/\/(?<user>[^\s:@/"'`<>]{0,100}):(?<secret>[^\s@/"'`<>]{3,200})@(?<host>[^\s"'`<>/:?#),;\]}]{1,200})/gi,
  ),
];

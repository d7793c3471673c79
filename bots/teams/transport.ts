import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  type Activity as SdkActivity,
  type TurnContext,
} from 'botbuilder';
import { PennyError } from '../../errors.ts';
import { type Activity, activitySchema, CHANNEL, type Message, type Reference, referenceSchema } from './activity.ts';

/** Who the bot is; `password` is asked for each time it is needed, since it may change. */
export interface TransportOptions {
  appId: string;
  tenantId: string;
  password(): string;
  openIdMetadataUrl: string;
  /**
   * What signs requests to the connector instead of a token of Entra ID: with a stand-in for Teams' servers there is nobody to ask for one.
   */
  outgoingToken?: (() => Promise<string | undefined>) | undefined;
}

/** The way to and from Teams' servers. Everything that goes through it is plain JSON. */
export interface Transport {
  /**
   * The activity of a request, once its token is proven: signed by a key of the Bot Framework, for this app, in time, of this channel and for
   * this service address.
   * @throws PennyError `unauthorized`; `invalid_input` (no activity of Teams); `identity_provider_unavailable` (the keys cannot be read)
   */
  receive(authorization: string | undefined, body: unknown): Promise<Activity>;
  /** Writes a message and returns its id. @throws whatever the connector answered, after its own retries */
  send(reference: Reference, message: Message): Promise<string>;
  /** Puts a message in the place of an earlier one. */
  update(reference: Reference, messageId: string, message: Message): Promise<void>;
  /** The chat with one person alone, opened when there is none yet. */
  openPersonal(reference: Reference, userId: string): Promise<Reference>;
}

const ISSUER = 'https://api.botframework.com';
const SCOPE = 'https://api.botframework.com';

/** Returns the transport over botbuilder: the one file that knows it (docs/decisions/0098-teams-sdk.md). */
export function openTransport(options: TransportOptions): Transport {
  const { appId, tenantId, openIdMetadataUrl } = options;
  const authentication = new ConfigurationBotFrameworkAuthentication(
    {
      ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${tenantId}`,
      ToChannelFromBotOAuthScope: SCOPE,
      ToBotFromChannelTokenIssuer: ISSUER,
      OAuthUrl: 'https://token.botframework.com',
      ToBotFromChannelOpenIdMetadataUrl: openIdMetadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadataUrl,
      ValidateAuthority: true,
    },
    credentialsOf(options),
    { requiredEndorsements: [], validateClaims: async (claims) => requireIssuer(claims) },
  );
  const adapter = new CloudAdapter(authentication);
  const continued = <Result>(reference: Reference, use: (context: TurnContext) => Promise<Result>): Promise<Result> =>
    resultOf(
      (logic) => adapter.continueConversationAsync(appId, reference as never, logic),
      (context) => {
        // The SDK makes an id up, and would answer to a message that nobody has written.
        Object.assign(context.activity, { id: reference.activityId });
        return use(context);
      },
    );
  return {
    async receive(authorization, body) {
      if (!authorization) throw new PennyError('unauthorized', REFUSED);
      const parsed = activitySchema.safeParse(body);
      if (!parsed.success) throw new PennyError('invalid_input', 'This is no activity of Teams.');
      try {
        await authentication.authenticateRequest(parsed.data as unknown as SdkActivity, authorization);
      } catch (error) {
        throw refusalOf(error);
      }
      return parsed.data;
    },
    send: (reference, message) =>
      continued(reference, async (context) => (await context.sendActivity(message as Partial<SdkActivity>))?.id ?? ''),
    update: (reference, messageId, message) =>
      continued(reference, async (context) => {
        await context.updateActivity({ ...message, id: messageId } as Partial<SdkActivity>);
      }),
    openPersonal: ({ serviceUrl, bot }, userId) =>
      resultOf(
        (logic) => {
          const parameters = {
            isGroup: false,
            bot,
            members: [{ id: userId }],
            tenantId,
            channelData: { tenant: { id: tenantId } },
          };
          return adapter.createConversationAsync(appId, CHANNEL, serviceUrl, SCOPE, parameters as never, logic);
        },
        async ({ activity }) =>
          referenceSchema.parse({
            serviceUrl,
            channelId: CHANNEL,
            conversation: { id: activity.conversation.id, conversationType: 'personal', tenantId },
            bot,
            user: { id: userId },
          }),
      ),
  };
}

/** What a turn of the adapter came to; it returns nothing itself. */
async function resultOf<Result>(
  start: (logic: (context: TurnContext) => Promise<void>) => Promise<void>,
  use: (context: TurnContext) => Promise<Result>,
): Promise<Result> {
  let result: { value: Result } | undefined;
  await start(async (context) => {
    result = { value: await use(context) };
  });
  if (result === undefined) throw new Error('the turn did not run');
  return result.value;
}

const REFUSED = 'Requests here carry a token of the Bot Framework for this bot.';

/** Tokens that the SDK takes from its emulator or from other bots are none of Teams. */
function requireIssuer(claims: { type: string; value: string }[]): void {
  if (!claims.some(({ type, value }) => type === 'iss' && value === ISSUER))
    throw new PennyError('unauthorized', REFUSED);
}

/** Everything that is wrong with a token is 401, whatever the SDK calls it; only keys that cannot be read are an outage. */
function refusalOf(error: unknown): PennyError {
  const { name, statusCode } = error as { name?: string; statusCode?: number };
  if (name === 'FetchError' || statusCode === 500)
    return new PennyError('identity_provider_unavailable', 'The keys of the Bot Framework cannot be read.', {
      cause: error,
    });
  return new PennyError('unauthorized', REFUSED);
}

function credentialsOf({ appId, tenantId, password, outgoingToken }: TransportOptions) {
  return {
    isValidAppId: async (id: string) => id === appId,
    // The SDK takes everything from everybody where this says true.
    isAuthenticationDisabled: async () => false,
    createCredentials: async (id: string, audience: string | undefined, login: string, validate: boolean) =>
      outgoingToken === undefined
        ? entraCredentials().createCredentials(id, audience ?? SCOPE, login, validate)
        : signedWith(outgoingToken),
  };
  function entraCredentials() {
    return new ConfigurationServiceClientCredentialFactory({
      MicrosoftAppId: appId,
      MicrosoftAppPassword: password(),
      MicrosoftAppType: 'SingleTenant',
      MicrosoftAppTenantId: tenantId,
    });
  }
}

function signedWith(token: () => Promise<string | undefined>) {
  return {
    async signRequest<Request extends { headers: { set(name: string, value: string): void } }>(request: Request) {
      const value = await token();
      if (value !== undefined) request.headers.set('authorization', `Bearer ${value}`);
      return request;
    },
  };
}

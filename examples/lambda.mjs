// A receiver as an AWS Lambda function, behind a function URL or an HTTP API (payload format 2.0).

import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback/fetch';

const token = process.env.IM_CALLBACK_TOKEN ?? 'demo-token';
const handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam, please') : ok()),
  'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived: ${textOf(event)}`)),
};

const im = qcloudIm({ sdkAppId: 1400000000, token, handlers });

export const handler = async (event) => {
  const { domainName, http } = event.requestContext;
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const request = new Request(`https://${domainName}${event.rawPath}?${event.rawQueryString}`, {
    method: http.method,
    headers: { 'content-encoding': event.headers['content-encoding'] ?? 'identity' },
    body: http.method === 'POST' ? bytes : null,
  });
  const response = await im(request, { clientAddress: http.sourceIp });
  const headers = Object.fromEntries(response.headers);
  return { statusCode: response.status, headers, body: await response.text() };
};

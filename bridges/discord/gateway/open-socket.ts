/**
 * Opens a gateway socket. By `fetch`, which tells more than `new WebSocket` when it is refused.
 * @throws if there is no socket
 */
export async function openSocket(gatewayUrl: string, signal: AbortSignal): Promise<WebSocket> {
  const url = new URL(gatewayUrl);
  url.protocol = url.protocol === 'ws:' || url.protocol === 'http:' ? 'http:' : 'https:';
  url.search = '?v=10&encoding=json';
  const response = await fetch(url.href, { headers: { upgrade: 'websocket' }, signal });
  const socket = response.webSocket;
  if (!socket) throw new Error(`no socket: status ${response.status}`);
  socket.accept();
  return socket;
}

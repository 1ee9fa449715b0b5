import { emptyReply, type LoopbackRequest, type Reply } from '../loopback/loopback-server.ts';
import { pixelPng } from '../loopback/pixel.ts';
import { downloadFile, receiveUpload } from './file-store.ts';
import { authorizePage } from './oauth-authorize.ts';
import type { Simulation } from './slack-simulator.ts';
import { answerWebApi } from './web-api.ts';

/** Slack's hosts as paths of one origin: `/api/` is slack.com/api, the others are its file and image hosts. */
export async function routeRequest(simulation: Simulation, request: LoopbackRequest): Promise<Reply> {
  const path = request.url.pathname;
  if (path.startsWith('/api/')) return answerWebApi(simulation, request, path.slice('/api/'.length));
  if (path.startsWith('/upload/v1/'))
    return receiveUpload(simulation, request, path.slice('/upload/v1/'.length));
  if (path.startsWith('/files-pri/')) return downloadFile(simulation, request);
  if (path === '/oauth/v2/authorize') return authorizePage(simulation, request);
  if (path === '/signin') {
    return {
      kind: 'reply',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<!DOCTYPE html>Sign in',
    };
  }
  if (path.startsWith('/avatars/') || path.startsWith('/emoji/')) {
    return { kind: 'reply', status: 200, headers: { 'content-type': 'image/png' }, body: pixelPng };
  }
  return emptyReply(404);
}

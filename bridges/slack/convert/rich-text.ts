/** Slack's rich text, as far as it is written here and read from parsed mrkdwn ("Block Kit: rich_text"). */

export interface TextStyle {
  bold?: true;
  italic?: true;
  strike?: true;
  code?: true;
}

export type Inline =
  | { type: 'text'; text: string; style?: TextStyle }
  | { type: 'link'; url: string; text?: string; style?: TextStyle }
  | { type: 'user'; user_id: string; style?: TextStyle }
  | { type: 'channel'; channel_id: string; style?: TextStyle }
  | { type: 'usergroup'; usergroup_id: string; style?: TextStyle }
  | { type: 'broadcast'; range: 'here' | 'channel' | 'everyone'; style?: TextStyle }
  | { type: 'emoji'; name: string; unicode?: string; style?: TextStyle };

export interface Section {
  type: 'rich_text_section';
  elements: Inline[];
}

export type RichTextElement =
  | Section
  | {
      type: 'rich_text_list';
      style: 'bullet' | 'ordered';
      indent: number;
      offset?: number;
      elements: Section[];
    }
  | { type: 'rich_text_preformatted'; elements: Inline[]; language?: string }
  | { type: 'rich_text_quote'; elements: Inline[] };

export interface RichText {
  type: 'rich_text';
  elements: RichTextElement[];
}

/** What names and links a text refers to: looked up beforehand, so that rendering is pure. */
export interface Mentions {
  users: Map<string, { userId: string; name: string }>;
  channels: Map<string, { roomId: string | undefined; name: string }>;
  usergroups: Map<string, string>;
}

export const noMentions = (): Mentions => ({ users: new Map(), channels: new Map(), usergroups: new Map() });

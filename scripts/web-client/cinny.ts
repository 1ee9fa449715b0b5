import type { Locator, Page } from './playwright.ts';

/** Cinny (https://cinny.in) as a person uses it. */
export class Cinny {
  readonly #page: Page;
  readonly #url: string;

  /** @param url where it is served */
  constructor(page: Page, url: string) {
    this.#page = page;
    this.#url = url;
  }

  /** What its `config.json` says so that it offers one homeserver. */
  static config(homeserverUrl: string): object {
    return {
      defaultHomeserver: 0,
      homeserverList: [homeserverUrl],
      allowCustomHomeservers: true,
      featuredCommunities: { openAsDefault: false, spaces: [], rooms: [], servers: [] },
      hashRouter: { enabled: false, basename: '/' },
    };
  }

  async logIn(username: string, password: string): Promise<void> {
    await this.#page.goto(this.#url);
    await this.#page.locator('input[name=usernameInput]').fill(username);
    await this.#page.locator('input[name=passwordInput]').fill(password);
    await this.#page.getByRole('button', { name: 'Login' }).click();
    await this.#page.waitForURL(({ pathname }) => pathname === '/home/');
  }

  async go(pathname: string): Promise<void> {
    await this.#page.goto(`${this.#url}${pathname}`);
  }

  /** A room in the list that is shown. */
  room(name: string): Locator {
    return this.#page.getByRole('link', { name });
  }

  async open(room: string): Promise<void> {
    await this.room(room).click();
    await this.#page.locator('[data-editable-name=RoomInput]').waitFor();
  }

  /** The first message with the text: later ones may quote it. */
  message(text: string): Locator {
    return this.#page.locator('[data-message-id]').filter({ hasText: text }).first();
  }

  async send(text: string): Promise<void> {
    await this.#page.locator('[data-editable-name=RoomInput]').click();
    await this.#page.keyboard.insertText(text);
    await this.#page.keyboard.press('Enter');
  }

  /** Opens the menu of a message. */
  async openMenu(text: string): Promise<void> {
    await this.message(text).getByText(text).last().click({ button: 'right' });
  }

  async chooseInMenu(item: string): Promise<void> {
    await this.#page.getByRole('button', { name: item, exact: true }).click();
  }

  async reply(to: string, text: string): Promise<void> {
    await this.openMenu(to);
    await this.chooseInMenu('Reply');
    await this.send(text);
  }

  async edit(from: string, addition: string): Promise<void> {
    await this.openMenu(from);
    await this.chooseInMenu('Edit Message');
    const editor = this.#page.locator('[data-message-id] [contenteditable=true]');
    await editor.click();
    await this.#page.keyboard.press('End');
    await this.#page.keyboard.insertText(addition);
    await this.#page.keyboard.press('Enter');
    await editor.waitFor({ state: 'hidden' });
  }

  async react(to: string, emoji: string, itsName: string): Promise<void> {
    await this.openMenu(to);
    await this.chooseInMenu('Add Reaction');
    await this.#page.getByPlaceholder('Search').fill(itsName);
    await this.#page.locator(`button[data-emoji-data^="${emoji}"]`).first().click();
  }

  async delete(text: string): Promise<void> {
    await this.openMenu(text);
    await this.chooseInMenu('Delete');
    await this.#page.getByRole('button', { name: 'Delete', exact: true }).last().click();
  }

  async sendFile(file: string): Promise<void> {
    const addFile = this.#page.locator('xpath=//*[@data-editable-name="RoomInput"]/preceding::button[1]');
    const [chooser] = await Promise.all([this.#page.waitForEvent('filechooser'), addFile.click()]);
    await chooser.setFiles(file);
    await this.#page.getByRole('button', { name: 'Send' }).click();
  }

  async search(term: string): Promise<void> {
    await this.go(`/home/search/`);
    await this.#page.locator('input[name=searchInput]').fill(term);
    await this.#page.locator('input[name=searchInput]').press('Enter');
  }

  text(text: string): Locator {
    return this.#page.getByText(text).first();
  }

  exactText(text: string): Locator {
    return this.#page.getByText(text, { exact: true }).first();
  }

  async jumpToLatest(text: string): Promise<void> {
    await this.#page.getByText('Jump to Latest').click();
    await this.message(text).waitFor();
    await this.#page.getByText('Jump to Latest').waitFor({ state: 'hidden' });
  }

  async acceptInvitation(): Promise<void> {
    await this.go('/inbox/invites/');
    await this.#page.getByRole('button', { name: 'Accept' }).click();
  }

  async scrollBackTo(text: string): Promise<void> {
    const wanted = this.#page.locator('[data-message-id]').getByText(text, { exact: true }).first();
    for (let turn = 0; turn < 20 && (await wanted.count()) === 0; turn += 1) {
      await this.#page.locator('[data-message-id]').first().scrollIntoViewIfNeeded();
      await this.#page.mouse.wheel(0, -3000);
    }
    await wanted.scrollIntoViewIfNeeded();
  }

  async pictureIsShown(): Promise<void> {
    const picture = this.#page.locator('[data-message-id] img[alt$=".png"]').last();
    await picture.waitFor();
    const width = await picture.evaluate((image) => image.decode().then(() => image.naturalWidth));
    if (width === 0) throw new Error('it has no pixels');
  }

  member(name: string): Locator {
    return this.#page.getByRole('button', { name }).first();
  }

  async createRoom(name: string): Promise<void> {
    await this.#page.getByText('Create Room').first().click();
    await this.#page.locator('input[name=name]').fill(name);
    await this.#page.getByRole('button', { name: 'Create', exact: true }).click();
    await this.#page.locator('input[name=name]').waitFor({ state: 'hidden' });
  }

  async openSettings(): Promise<void> {
    // Her avatar: the first letter of her name.
    await this.#page.getByText('a', { exact: true }).last().click();
    await this.#page.getByText('Settings', { exact: true }).first().waitFor();
  }

  /** In the settings. */
  async openSecurity(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Security' }).click();
  }

  /** In the settings; the first time no password is asked for. Ends with her recovery key shown. */
  async setUpCrossSigning(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Setup', exact: true }).click();
    await this.#page.getByRole('button', { name: 'Generate Key', exact: true }).click();
    await this.text('save this security key').waitFor();
    await this.#page.getByRole('button', { name: 'Copy' }).waitFor();
  }

  /** On a card of the room that is shown. */
  async joinByCard(name: string): Promise<void> {
    await this.exactText(name).waitFor();
    await this.#page.getByRole('button', { name: 'Join', exact: true }).first().click();
    await this.#page.getByRole('button', { name: 'View', exact: true }).first().waitFor();
  }

  async logOut(): Promise<void> {
    await this.go('/home/');
    await this.openSettings();
    await this.#page.getByRole('button', { name: 'Logout', exact: true }).click();
    await this.#page.getByRole('button', { name: 'Logout', exact: true }).last().click();
    await this.#page.locator('input[name=usernameInput]').waitFor();
  }
}

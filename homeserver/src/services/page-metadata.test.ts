import { expect, test } from 'vitest';
import { readPageMetadata } from './page-metadata.ts';

const read = (html: string): Record<string, string> => {
  const { properties, image, oembed } = readPageMetadata(html);
  return { ...Object.fromEntries(properties), ...(image && { image }), ...(oembed && { oembed }) };
};

test('OpenGraph comes first', () => {
  expect(
    read(`<html><head><title>The Rock (1996)</title>
      <meta property="og:title" content="The  Rock"><meta property="og:title" content="Second">
      <meta property="og:url" content="http://www.imdb.com/title/tt0117500/">
      <meta property="og:image" content="test.png"><meta name="description" content="Alcatraz">
      <meta property="og:site_name" content="A &amp; B"></head>`),
  ).toEqual({
    'og:title': 'The Rock',
    'og:url': 'http://www.imdb.com/title/tt0117500/',
    'og:description': 'Alcatraz',
    'og:site_name': 'A & B',
    image: 'test.png',
  });
});

test('title, description, twitter cards and links stand in', () => {
  expect(
    read(`<title> A
      title </title><meta name="Twitter:Description" content="Said"><link rel="image_src" href="/a.png">
      <link rel="alternate" type="application/json+oembed" href="/oembed?url=x">`),
  ).toEqual({ 'og:title': 'A title', 'og:description': 'Said', image: '/a.png', oembed: '/oembed?url=x' });
  expect(read('<svg><title>Icon</title></svg>')).toEqual({ 'og:title': 'Icon' });
});

test('what is no part of the head, or empty, says nothing', () => {
  expect(read('<head></head><body><title>Late</title><meta property="og:title" content="Late">')).toEqual({});
  expect(read('<title></title><meta property="og:title" content="  ">')).toEqual({});
  expect(read('')).toEqual({});
});

test('M5: addresses that are scripts are dropped, and texts are cut', () => {
  const properties = read(`<meta property="og:url" content="javascript:alert(1)">
    <meta property="og:video" content="data:text/html,x"><meta property="og:nonsense" content="x">
    <meta property="og:title" content="${'long '.repeat(10_000)}">`);
  expect(Object.keys(properties)).toEqual(['og:title']);
  expect(properties['og:title']).toHaveLength(1000);
});

test('M5: a hundred thousand nested tags, properties or unclosed quotes are read without harm', () => {
  expect(read('<div>'.repeat(100_000))).toEqual({});
  expect(read(`<title>${'<b>'.repeat(100_000)}`)['og:title']).toHaveLength(1000);
  expect(read('<meta property="og:title" content="x'.repeat(100_000))).toEqual({});
  const many = Array.from({ length: 100_000 }, (_, at) => `<meta property="x${at}" content="y">`).join('');
  expect(read(many)).toEqual({});
});

import { expect, test } from 'vitest';
import { runtimeOf } from './runtime.ts';

test.each([
  ['eclipse-temurin:21-jre', 'jvm'],
  ['docker.elastic.co/elasticsearch/elasticsearch:8.15.0', 'jvm'],
  ['registry.example/shop/openjdk17-base@sha256:0000', 'jvm'],
  ['bitnami/kafka:3.7', 'jvm'],
  ['node:22-alpine', 'node'],
  ['registry.example/team/nodejs-api:4', 'node'],
  ['quay.io/prometheus/node-exporter:v1.8', undefined],
  ['python:3.13', 'python'],
  ['mcr.microsoft.com/dotnet/aspnet:8.0', 'dotnet'],
  ['php:8-fpm', 'php'],
  ['registry.example/javascript-site:1', undefined],
  ['registry.example/cart:1', undefined],
])('%s runs in %s', (image, runtime) => {
  expect(runtimeOf(image, false)).toBe(runtime);
});

test('what reports as a JVM is one, whatever its image is called', () => {
  expect(runtimeOf('registry.example/cart:1', true)).toBe('jvm');
  expect(runtimeOf(undefined, false)).toBeUndefined();
});

/** What imports mean to Vite that TypeScript does not know. */
declare module "*?worker&url" {
  const url: string;
  export default url;
}

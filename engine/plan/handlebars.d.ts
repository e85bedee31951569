/** All of Handlebars in one file, which loads in half the time and, unlike the package's entry, asks Node for nothing. */
declare module 'handlebars/dist/handlebars.js' {
  export {default} from 'handlebars';
}

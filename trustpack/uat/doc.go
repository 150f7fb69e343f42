// Package uat reads what acceptance tests leave behind.
//
// Start with [ReadJUnit].
package uat

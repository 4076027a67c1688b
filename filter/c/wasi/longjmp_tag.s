# The exception tag that a longjmp is thrown with. The compiler only refers to it; wasi-sdk's libsetjmp defines it.
	.globl	__c_longjmp
	.tagtype	__c_longjmp i32
__c_longjmp:
